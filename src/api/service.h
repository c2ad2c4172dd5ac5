// The public API: one process, one port. Its table of contents is service.c.
#pragma once

#include "lib/config/config.h"

int api_run(const struct config *config); // until TERM; the exit status
