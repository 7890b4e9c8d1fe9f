// The files that TensorBoard reads, read here by a reader of its own.
#include "train/event_file.h"

#include <gmock/gmock.h>

#include <cstring>
#include <map>

#include "train/loop_fixture.h"

namespace unfold {
namespace {

/// CRC-32C bit by bit, as the polynomial is written.
std::uint32_t checksum_by_bits(const std::string& bytes) {
  std::uint32_t remainder = 0xFFFFFFFF;
  for (const char c : bytes) {
    remainder ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) remainder = remainder & 1 ? remainder >> 1 ^ 0x82F63B78 : remainder >> 1;
  }
  return ~remainder;
}

/// Reads front to back; any mistake is an exception.
class Bytes {
 public:
  explicit Bytes(std::string bytes) : bytes_(std::move(bytes)) {}
  bool at_end() const { return at_ == bytes_.size(); }
  std::string take(std::size_t count) {
    if (bytes_.size() - at_ < count) throw std::runtime_error("the file ends within a record");
    at_ += count;
    return bytes_.substr(at_ - count, count);
  }
  template <class Number>
  Number number() {
    Number value;
    std::memcpy(&value, take(sizeof(value)).data(), sizeof(value));
    return value;
  }
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0;; shift += 7) {
      const auto byte = number<std::uint8_t>();
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

struct Event {
  double wall_time = 0;
  Index step = 0;
  std::string version;
  bool session_starts = false;
  std::map<std::string, float> scalars;
};

std::pair<std::string, float> scalar(Bytes value) {
  std::pair<std::string, float> result;
  while (!value.at_end()) {
    const std::uint64_t key = value.varint();
    if (key == (1 << 3 | 2))
      result.first = value.take(value.varint());
    else if (key == (2 << 3 | 5))
      result.second = value.number<float>();
    else
      throw std::runtime_error("unknown field of a value");
  }
  return result;
}

Event event(Bytes message) {
  Event result;
  while (!message.at_end()) {
    switch (message.varint()) {
      case 1 << 3 | 1: result.wall_time = message.number<double>(); break;
      case 2 << 3 | 0: result.step = static_cast<Index>(message.varint()); break;
      case 3 << 3 | 2: result.version = message.take(message.varint()); break;
      case 7 << 3 | 2: result.session_starts = message.take(message.varint()) == "\x08\x01"; break;
      case 5 << 3 | 2:
        for (Bytes summary(message.take(message.varint())); !summary.at_end();) {
          if (summary.varint() != (1 << 3 | 2)) throw std::runtime_error("unknown field of a summary");
          result.scalars.insert(scalar(Bytes(summary.take(summary.varint()))));
        }
        break;
      default: throw std::runtime_error("unknown field of an event");
    }
  }
  return result;
}

void expect_checksum(const std::string& bytes, std::uint32_t stored) {
  const std::uint32_t sum = checksum_by_bits(bytes);
  EXPECT_EQ(stored, ((sum >> 15) | (sum << 17)) + 0xA282EAD8u);
}

std::vector<Event> read_events(const std::string& content) {
  std::vector<Event> events;
  for (Bytes bytes(content); !bytes.at_end();) {
    const std::string length = bytes.take(8);
    expect_checksum(length, bytes.number<std::uint32_t>());
    const std::string message = bytes.take(Bytes(length).number<std::uint64_t>());
    expect_checksum(message, bytes.number<std::uint32_t>());
    events.push_back(event(Bytes(message)));
  }
  return events;
}

TEST(EventFile, HoldsWhatWasWritten) {
  const std::vector<Event> events = read_events(
      opening_records(1.5e9) + scalars_record(1.5e9 + 0.25, 300, {{"loss/train", 1.25}, {"learning_rate", 1e-3}}));
  ASSERT_EQ(events.size(), 3U);
  EXPECT_EQ(events[0].version, "brain.Event:2");
  EXPECT_TRUE(events[1].session_starts);
  EXPECT_EQ(events[2].wall_time, 1.5e9 + 0.25);
  EXPECT_EQ(events[2].step, 300);
  EXPECT_EQ(events[2].scalars, (std::map<std::string, float>{{"loss/train", 1.25F}, {"learning_rate", 1e-3F}}));
}

TEST(EventFile, HasTheNameThatTensorBoardLooksFor) {
  EXPECT_EQ(event_file_name(1.5e9), "events.out.tfevents.1500000000.unfold");
  EXPECT_TRUE(is_event_file("run/" + event_file_name(0)));
  EXPECT_FALSE(is_event_file("run/log.jsonl"));
}

class EventsOfRuns : public LoopTest {
 protected:
  /// The events with scalars of the run's one file; every step there is once, and says what the log says.
  std::vector<Event> events() const {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      if (is_event_file(entry.path())) files.push_back(entry.path());
    }
    EXPECT_EQ(files.size(), 1U);
    std::vector<Event> with_scalars;
    for (const Event& event : read_events(read_file(files.at(0)))) {
      if (!event.scalars.empty()) with_scalars.push_back(event);
    }
    return with_scalars;
  }
  void expect_what_the_log_says() const {
    std::vector<nlohmann::json> entries;
    for (const nlohmann::json& entry : log()) {
      if (entry.contains("train_nats")) entries.push_back(entry);
    }
    const std::vector<Event> recorded = events();
    ASSERT_EQ(recorded.size(), entries.size());
    for (std::size_t i = 0; i < entries.size(); ++i) {
      EXPECT_EQ(recorded[i].step, entries[i]["step"]);
      EXPECT_EQ(recorded[i].scalars.at("loss/train"), entries[i]["train_nats"].get<float>());
      EXPECT_EQ(recorded[i].scalars.count("loss/valid"), entries[i].count("valid_nats"));
      EXPECT_EQ(recorded[i].scalars.at("gradient_norm"), 2.0F);
      EXPECT_EQ(recorded[i].scalars.at("learning_rate"), 0.5F);
      EXPECT_GT(recorded[i].scalars.at("tokens_per_second"), 0);
    }
  }
};

TEST_F(EventsOfRuns, SayWhatTheLogSays) {
  ToyTrainee trainee;
  run_training(trainee, begin(), schedule_, {});
  EXPECT_EQ(events().size(), 14U);
  expect_what_the_log_says();
}

TEST_F(EventsOfRuns, HaveNoStepTwiceAfterInterruptionsAndReturns) {
  LoopSchedule schedule = schedule_;
  schedule.retries = 1;
  for (const ExistingRun existing : {ExistingRun::kRefuse, ExistingRun::kResume}) {
    ToyTrainee trainee;
    trainee.disturb = explode_at(17, 1);
    run_training(trainee, begin(existing), schedule,
                 existing == ExistingRun::kRefuse ? stopping_after(13) : LoopHooks{});
  }
  EXPECT_EQ(events().size(), 14U);
  expect_what_the_log_says();
}

}  // namespace
}  // namespace unfold
