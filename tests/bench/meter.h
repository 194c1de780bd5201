/*
 * meter.h: what each stage of a bench costs: wall and CPU time of this thread, allocations of the process, and, below callgrind,
 * instructions. One thread; the bench says where it is, everything between two words belongs to the first.
 */
#pragma once

#include <stdint.h>

enum meter_stage {
    METER_OTHER, /* not measured */
    METER_INFLATE,
    METER_FLOOR_SCAN,
    METER_COPY,
    METER_DEFLATE,
    METER_SCAN,
    METER_MAP,
    METER_DIGEST, /* for the document's id, a part of mapping */
    METER_SERIALISE,
    METER_QUEUE,
    METER_ENCODE,
    METER_COMPRESS,
    METER_ACK,
    METER_JSONC,
    METER_COUNT
};

/* From here on the work belongs to this stage. Returns the one before. */
enum meter_stage meter_enter(enum meter_stage stage);
/* A round is over: `events` events of `bytes` raw bytes went through. Of all rounds that with the least CPU time counts, stage by
 * stage; allocations are those of the last. */
void meter_round(uint64_t events, uint64_t bytes);
/* One line for each stage that was entered: NAME EVENTS BYTES WALL_S CPU_S ALLOCATIONS (-1: cannot be counted here). */
void meter_print(void);
/*
 * Instructions: calls round(arg) once for each stage of first..last below callgrind started with --collect-atstart=no, collecting
 * that stage alone and dumping its sum under the stage's name. 0, or -1: not below callgrind, or built without its header.
 */
int meter_count(enum meter_stage first, enum meter_stage last, void (*round)(void *arg), void *arg);
