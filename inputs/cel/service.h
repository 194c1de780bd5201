/* service.h: the outer world of a program, as the host gives it. services.ctx is the sender. */
#pragma once

#include "sender.h"

void service_fill(struct services *services, struct sender *sender);
