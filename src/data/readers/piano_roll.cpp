// The format `piano-roll`: JSON, of each part (train, valid, test) a list of pieces, each a list of steps, each a list
// of the MIDI notes that sound (Boulanger-Lewandowski et al. 2012). A step is a vector of 88 numbers, 0 or 1.
#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "data/readers/lined_reader.h"
#include "unfold/error.h"

namespace unfold {
namespace {

using nlohmann::json;

constexpr int kLowest = 21;  // the keys of a piano, A0 to C8
constexpr int kHighest = 108;
constexpr int kSilence = -1;

class PianoRoll final : public SequenceReader {
 public:
  PianoRoll(const std::string& content, const std::string& name) : SequenceReader(SequenceKind::kVectors), name_(name) {
    for (int note = kLowest; note <= kHighest; ++note) features_.push_back(std::to_string(note));
    try {
      const json file = json::parse(content);
      read_file(file);
    } catch (const json::exception& error) {
      throw InputError(fmt::format("{}: not JSON: {}", name_, error.what()));
    }
  }

  std::optional<Record> next() override {
    if (used_ == pieces_.size()) return std::nullopt;
    return Record{{}, std::move(pieces_[used_++])};
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    return record.sequence ? joined_text(predictions) + "\n" : "";
  }

 private:
  [[noreturn]] void fail(const std::string& place, const std::string& message) const {
    throw InputError(fmt::format("{}: {}{}{}", name_, place, place.empty() ? "" : ": ", message));
  }

  void read_file(const json& file) {
    if (file.is_array()) return read_part("", file);
    if (!file.is_object()) fail("", "expected an object of parts, or a list of pieces");
    for (const auto& [part, pieces] : file.items()) read_part(part, pieces);
  }

  void read_part(const std::string& part, const json& pieces) {
    if (!pieces.is_array()) fail(part, "expected a list of pieces");
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      Sequence sequence;
      sequence.values = read_piece(pieces[i], fmt::format("{}[{}]", part, i));
      sequence.part = part;
      sequence.line = static_cast<Index>(i) + 1;
      pieces_.push_back(std::move(sequence));
    }
  }

  Tensor read_piece(const json& piece, const std::string& place) const {
    if (!piece.is_array()) fail(place, "expected a list of steps");
    const Index width = kHighest - kLowest + 1;
    Tensor values({static_cast<Index>(piece.size()), width});
    for (std::size_t step = 0; step < piece.size(); ++step) {
      if (!piece[step].is_array()) fail(fmt::format("{}[{}]", place, step), "expected a list of notes");
      for (const json& note : piece[step]) {
        const double number = note.is_number() ? note.get<double>() : 0;
        if (number == kSilence) continue;
        if (!(number >= kLowest && number <= kHighest) || number != static_cast<int>(number)) {
          fail(fmt::format("{}[{}]", place, step),
               fmt::format("expected MIDI notes from {} to {}, or {} for silence, found {}", kLowest, kHighest,
                           kSilence, note.is_number() ? note.dump() : note.type_name()));
        }
        values[static_cast<Index>(step) * width + static_cast<Index>(number) - kLowest] = 1;
      }
    }
    return values;
  }

  std::string name_;
  std::vector<Sequence> pieces_;
  std::size_t used_ = 0;
};

}  // namespace

Reader read_piano_roll(const std::string& content, const std::string& name) {
  return std::make_unique<PianoRoll>(content, name);
}

}  // namespace unfold
