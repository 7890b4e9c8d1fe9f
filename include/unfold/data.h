// From text to batches of tokens: reading, vocabularies, corpora larger than memory, batches for training and
// evaluation.
#pragma once

#include "unfold/batches.h"
#include "unfold/corpus.h"
#include "unfold/text.h"
#include "unfold/tokens.h"
#include "unfold/vocabulary.h"
