#include "pipeline/stage.h"

#include <stdio.h>

void stage_temporary(
	struct digest id, uint32_t attempt, uint32_t part, char name[STAGE_TEMPORARY_BYTES])
{
	char hex[DIGEST_HEX_BYTES];
	digest_hex(id, hex);
	snprintf(name, STAGE_TEMPORARY_BYTES, "%s.%u.%u", hex, attempt, part);
}
