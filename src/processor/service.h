// The processor: from stored pages to linked events, and the internal API over what is linked.
#pragma once

#include "lib/config/config.h"

int processor_run(const struct config *config); // until TERM; the exit status
