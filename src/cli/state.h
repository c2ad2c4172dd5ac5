// STATE_DIR: made when it is missing, used by one `eventd up` at a time.
#pragma once

#include "lib/config/config.h"

// Makes the folder, with those above it. False: complained.
bool state_make(const struct config *config);
// Takes STATE_DIR/lock for as long as this process lives. False: somebody else has it; complained.
bool state_lock(const struct config *config);
