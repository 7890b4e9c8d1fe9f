// The whole public interface.
#pragma once

#include "unfold/cell.h"
#include "unfold/data.h"
#include "unfold/error.h"
#include "unfold/generate.h"
#include "unfold/language_model.h"
#include "unfold/language_text_model.h"
#include "unfold/layers.h"
#include "unfold/model_file.h"
#include "unfold/optimizer.h"
#include "unfold/parameter.h"
#include "unfold/recurrence.h"
#include "unfold/tape.h"
#include "unfold/tensor.h"
#include "unfold/text_model.h"
