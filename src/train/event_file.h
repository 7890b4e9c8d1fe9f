// Scalars over time in the format that TensorBoard reads: a file of records, each an Event message of TensorFlow
// (tensorflow/core/util/event.proto) in the encoding of Protocol Buffers.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "unfold/tensor.h"

namespace unfold {

/// An event's scalars by their tags, such as "loss/train".
using Scalars = std::vector<std::pair<std::string, double>>;

/// One record, with the scalars of one step. `wall_time` in seconds since 1970.
std::string scalars_record(double wall_time, Index step, const Scalars& scalars);

/// What a file begins with: the version of its format, and that here a session starts, which makes a TensorBoard that
/// is watching forget what it saw in a file before.
std::string opening_records(double wall_time);

/// The name by which TensorBoard knows its files.
std::string event_file_name(double wall_time);
/// True for files of such a name.
bool is_event_file(const std::filesystem::path& file);

}  // namespace unfold
