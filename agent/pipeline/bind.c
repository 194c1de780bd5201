/* bind.c: puts the event functions into the table that the gate began. */
#include "pipeline/bind.h"

#include "gate/self.h"
#include "pipeline/event.h"

/* The event is its stream's only one: giving it back is to make it empty. */
static void drop(struct cxd_self *self, struct cxd_event *ev)
{
    (void)self;
    event_reset(ev);
}

const struct cxd_host *bind_host(void)
{
    static struct cxd_host host;

    if (host.size == 0) {
        struct cxd_host made;
        host_fill(&made);
        made.event_alloc = event_alloc;
        made.event_set_message = event_set_message;
        made.event_message = event_message;
        made.event_record = event_record;
        made.event_root = event_root;
        made.event_set_id = event_set_id;
        made.event_hide_message = event_hide_message;
        made.event_offer_id = event_offer_id;
        made.node_expand = node_expand;
        made.node_find = node_find;
        made.node_put = node_put;
        made.value_text = value_text;
        made.event_drop = drop;
        made.event_lack = event_lack;
        host = made;
    }
    return &host;
}
