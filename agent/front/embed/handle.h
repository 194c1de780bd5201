/*
 * handle.h: numbers for what the host has open: a place in a table and how often that was used, so that a stale one is told. Who is
 * inside is counted: a handle ends when everybody is out. Any thread.
 */
#pragma once

#include "cxd/status.h"

#include <stdint.h>

#define HANDLES_MAX 64

struct hosted;

/* A free place: the number that it will have, 0: none is left. It is nobody's until handle_put. */
uint64_t handle_reserve(void);
/* The number is good from here on; hosted NULL: it is given back. */
void handle_put(uint64_t handle, struct hosted *hosted);
/* What it stands for; handle_leave must follow. CXD_NOT_FOUND; CXD_STOPPED: it is being closed. */
int handle_enter(uint64_t handle, struct hosted **ret_hosted);
void handle_leave(uint64_t handle);
/* Whoever is inside makes it his to close: nobody enters any more. 0 when another one did. */
int handle_shut(uint64_t handle);
/* After handle_shut, and outside: waits until everybody has left; the number is good no more. */
void handle_drop(uint64_t handle);
/* 1: none is open, or being opened. */
int handle_is_none(void);
