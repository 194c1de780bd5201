/* items.c: a table of slots under one lock. A number is slot and turn. */
#include "front/embed/items.h"

#include "cxd/status.h"

#include <stdlib.h>

void items_init(struct items *items)
{
    *items = (struct items){.slots = NULL};
    (void)pthread_mutex_init(&items->lock, NULL); /* neither fails with default attributes */
    (void)pthread_cond_init(&items->is_quiet, NULL);
}

void items_done(struct items *items)
{
    free(items->slots);
    (void)pthread_cond_destroy(&items->is_quiet);
    (void)pthread_mutex_destroy(&items->lock);
}

static int slots_grow(struct items *items)
{
    uint32_t count = items->count == 0 ? 16 : items->count * 2;
    struct items_slot *slots;

    if (count > ITEMS_MAX) {
        return CXD_FULL;
    }
    slots = realloc(items->slots, count * sizeof *slots);
    if (slots == NULL) {
        return CXD_NOMEM;
    }
    for (uint32_t i = items->count; i < count; i++) {
        slots[i] = (struct items_slot){.turn = 1, .next_free = i + 1};
    }
    items->slots = slots;
    items->free = items->count;
    items->count = count;
    return CXD_OK;
}

int items_add(struct items *items, struct batch *b, uint64_t *ret_number)
{
    int r;

    (void)pthread_mutex_lock(&items->lock);
    r = items->is_closed ? CXD_STOPPED : CXD_OK;
    if (r == CXD_OK && items->free == items->count) {
        r = slots_grow(items);
    }
    if (r == CXD_OK) {
        uint32_t at = items->free;
        struct items_slot *slot = &items->slots[at];
        items->free = slot->next_free;
        slot->item = (struct item){.batch = b};
        slot->documents = b->count;
        items->held++;
        items->documents += b->count;
        *ret_number = (uint64_t)slot->turn << 32 | at;
    }
    (void)pthread_mutex_unlock(&items->lock);
    return r;
}

/* The slot of a number that is good. */
static struct items_slot *slot_find(struct items *items, uint64_t number)
{
    uint32_t at = (uint32_t)number;
    struct items_slot *slot = at < items->count ? &items->slots[at] : NULL;

    return slot != NULL && slot->turn == number >> 32 ? slot : NULL;
}

int items_take(struct items *items, uint64_t number, struct item *ret_item)
{
    struct items_slot *slot;
    int r = CXD_NOT_FOUND;

    (void)pthread_mutex_lock(&items->lock);
    slot = slot_find(items, number);
    if (items->is_closed) {
        r = CXD_STOPPED;
    } else if (slot != NULL && slot->item.batch != NULL) {
        *ret_item = slot->item;
        slot->item = (struct item){.batch = NULL}; /* nobody else takes it meanwhile */
        items->busy++;
        r = CXD_OK;
    }
    (void)pthread_mutex_unlock(&items->lock);
    return r;
}

void items_return(struct items *items, uint64_t number, const struct item *put_back)
{
    struct items_slot *slot;

    (void)pthread_mutex_lock(&items->lock);
    slot = slot_find(items, number);
    if (put_back != NULL) {
        slot->item = *put_back;
    } else {
        slot->turn++;
        slot->next_free = items->free;
        items->free = (uint32_t)number;
        items->held--;
        items->documents -= slot->documents;
    }
    items->busy--;
    if (items->busy == 0) {
        (void)pthread_cond_broadcast(&items->is_quiet);
    }
    (void)pthread_mutex_unlock(&items->lock);
}

void items_close(struct items *items, void (*each)(void *owner, struct batch *b), void *owner)
{
    (void)pthread_mutex_lock(&items->lock);
    items->is_closed = 1;
    while (items->busy > 0) {
        (void)pthread_cond_wait(&items->is_quiet, &items->lock);
    }
    (void)pthread_mutex_unlock(&items->lock);
    /* closed and quiet: the slots are nobody else's */
    for (uint32_t i = items->count; i > 0; i--) {
        struct item *item = &items->slots[i - 1].item;
        if (item->batch != NULL) {
            each(owner, item->batch);
        }
        free(item->rejected);
        *item = (struct item){.batch = NULL};
    }
}

uint64_t items_documents(struct items *items)
{
    uint64_t documents;

    (void)pthread_mutex_lock(&items->lock);
    documents = items->documents;
    (void)pthread_mutex_unlock(&items->lock);
    return documents;
}

uint32_t items_held(struct items *items)
{
    uint32_t held;

    (void)pthread_mutex_lock(&items->lock);
    held = items->held;
    (void)pthread_mutex_unlock(&items->lock);
    return held;
}
