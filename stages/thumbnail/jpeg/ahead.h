#ifndef NIGHTMILL_STAGES_THUMBNAIL_JPEG_AHEAD_H
#define NIGHTMILL_STAGES_THUMBNAIL_JPEG_AHEAD_H

/* A second place where a scan is read, some way ahead of the first, at the same time: while one
 * waits for a look-up, the processor goes on with the other. It begins behind the next restart
 * marker; or, where there are none, anywhere in the bits, since reading that begins wrong soon
 * falls into step with the truth. Its MCUs wait in words of their own, with a DC that is wrong by
 * what comes before them, and count only once the first place arrives exactly where the second one
 * found the beginning of an MCU. */

#include <stdint.h>

#include "stages/thumbnail/jpeg/scan.h"

/* For a scan that begins. */
void ahead_reset(struct scan *scan);

/* Reads 1 to `most` MCUs of the scan into words in front of `end`, and others ahead where that is
 * worth it. Returns how many; 0 where anything is damaged or odd. */
uint32_t ahead_read(struct scan *scan, uint32_t *end, uint32_t most);

/* Where the scan has arrived at what was read ahead: the MCUs from there on are ready, and it goes
 * on behind them. */
void ahead_meet(struct scan *scan);

/* The same at a restart marker that something was read behind. */
void ahead_restart(struct scan *scan);

/* The words of an MCU that was read ahead stand in front of this. */
static inline uint32_t *ahead_end(struct scan *scan, uint32_t number)
{
	return scan->ahead.words + SCAN_BELOW + SCAN_AHEAD_ROOM - (size_t)number * scan->mcu_words;
}

#endif
