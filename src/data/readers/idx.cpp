// The format `idx` of MNIST (LeCun, Cortes and Burges 1998): 0, 0, the type of the values, the number of extents, the
// extents, the values; all numbers big-endian. One file holds images [N, rows, columns], or sequences [N, T], and
// another one labels [N].
#include <fmt/format.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "base/shuffle.h"
#include "data/readers/lined_reader.h"
#include "unfold/error.h"

namespace unfold {
namespace {

struct Type {
  unsigned char code;
  Index bytes;
};
constexpr std::array<Type, 6> kTypes = {{{0x08, 1}, {0x09, 1}, {0x0B, 2}, {0x0C, 4}, {0x0D, 4}, {0x0E, 8}}};
constexpr unsigned char kByte = 0x08;
constexpr Index kFirstBytes = 4;
constexpr Index kExtentBytes = 4;
constexpr double kWhite = 255;  // of pixels that are bytes

/// An array in a file, its values as they are needed.
class IdxArray {
 public:
  IdxArray(const std::string& content, const std::string& name) : content_(content), name_(name) {
    if (size() < kFirstBytes || byte(0) != 0 || byte(1) != 0)
      fail("it does not begin as an IDX file: 0, 0, type, rank");
    for (const Type& type : kTypes) {
      if (type.code == byte(2)) type_ = type;
    }
    if (type_.bytes == 0) fail(fmt::format("its values have the unknown type 0x{:02X}", byte(2)));
    begin_ = kFirstBytes + kExtentBytes * byte(3);
    if (byte(3) == 0 || size() < begin_) fail("it ends within its extents");
    // More values than the file has bytes are too many; so the product cannot overflow.
    Index values = 1;
    for (Index axis = 0; axis < byte(3); ++axis) {
      extents_.push_back(static_cast<Index>(bits(kFirstBytes + kExtentBytes * axis, kExtentBytes)));
      values = extents_.back() == 0 || values <= size() / extents_.back() ? values * extents_.back() : size() + 1;
    }
    if (values > size() || begin_ + values * type_.bytes != size()) {
      fail(fmt::format("its extents are {} with {} bytes a value, but {} bytes follow", fmt::join(extents_, " x "),
                       type_.bytes, size() - begin_));
    }
  }

  const std::vector<Index>& extents() const { return extents_; }
  bool is_bytes() const { return type_.code == kByte; }

  double value(Index i) const {
    const std::uint64_t raw = bits(begin_ + i * type_.bytes, type_.bytes);
    switch (type_.code) {
      case kByte: return static_cast<double>(raw);
      case 0x0D: return std::bit_cast<float>(static_cast<std::uint32_t>(raw));
      case 0x0E: return std::bit_cast<double>(raw);
      default: break;
    }
    const auto shift = static_cast<unsigned>(64 - 8 * type_.bytes);
    return static_cast<double>(static_cast<std::int64_t>(raw << shift) >> shift);  // with its sign
  }

  [[noreturn]] void fail(const std::string& message) const {
    throw InputError(fmt::format("cannot read '{}': {}", name_, message));
  }

 private:
  Index size() const { return static_cast<Index>(content_.size()); }
  unsigned char byte(Index offset) const {
    return static_cast<unsigned char>(content_[static_cast<std::size_t>(offset)]);
  }
  std::uint64_t bits(Index offset, Index count) const {
    std::uint64_t result = 0;
    for (Index i = 0; i < count; ++i) result = result << 8 | byte(offset + i);
    return result;
  }

  const std::string& content_;
  std::string name_;
  Type type_{0, 0};
  Index begin_ = 0;  // of the values
  std::vector<Index> extents_;
};

/// How an image becomes a sequence.
struct Form {
  Index rows = 0;  // of the file's images
  Index columns = 0;
  Index shrink = 1;
  bool pixels = false;
  std::vector<Index> order;  // of the shrunk image's pixels; empty: their own

  Index shrunk_rows() const { return rows / shrink; }
  Index shrunk_columns() const { return columns / shrink; }
  Index width() const { return pixels ? 1 : shrunk_columns(); }
};

class Idx final : public SequenceReader {
 public:
  Idx(const std::string& content, const std::string& name, const std::optional<std::string>& labels,
      const std::string& labels_name, const ReadOptions& options)
      : SequenceReader(SequenceKind::kVectors), content_(content), images_(content_, name) {
    form_ = form_of(options);
    if (!labels && options.labelled) images_.fail(fmt::format("its labels are not there: '{}'", labels_name));
    if (labels) read_labels(IdxArray(*labels, labels_name));
  }

  std::optional<Record> next() override {
    if (next_ == images_.extents()[0]) return std::nullopt;
    Sequence sequence;
    sequence.values = image(next_);
    if (!of_images_.empty()) sequence.label = of_images_[static_cast<std::size_t>(next_)];
    sequence.line = ++next_;
    return Record{{}, std::move(sequence)};
  }

  std::string rewritten(const Record& record, const Predictions& predictions) const override {
    return record.sequence ? joined_text(predictions) + "\n" : "";
  }

 private:
  Form form_of(const ReadOptions& options) const {
    const std::vector<Index>& extents = images_.extents();
    if (extents.size() == 1) images_.fail("it holds one number each; expected images, and their labels with --labels");
    if (extents.size() > 3) images_.fail(fmt::format("it has {} extents; expected 2 or 3", extents.size()));
    Form form{.rows = extents[1],
              .columns = extents.size() == 3 ? extents[2] : 1,
              .shrink = options.shrink,
              .pixels = options.pixels || options.permute >= 0,
              .order = {}};
    if (form.shrink < 1 || form.shrink > std::min(form.rows, form.columns)) {
      throw UsageError(fmt::format("images of {} x {} cannot be shrunk by {}", form.rows, form.columns, form.shrink));
    }
    if (options.permute < 0) return form;
    form.order.resize(static_cast<std::size_t>(form.shrunk_rows() * form.shrunk_columns()));
    std::iota(form.order.begin(), form.order.end(), Index{0});
    Random random(static_cast<std::uint64_t>(options.permute));
    shuffle(std::span(form.order), random);
    return form;
  }

  void read_labels(const IdxArray& labels) {
    if (labels.extents().size() != 1 || labels.extents()[0] != images_.extents()[0]) {
      labels.fail(fmt::format("expected a label for each of the {} images; its extents are {}", images_.extents()[0],
                              fmt::join(labels.extents(), " x ")));
    }
    for (Index i = 0; i < labels.extents()[0]; ++i) {
      of_images_.push_back(labels_.add(fmt::format("{}", labels.value(i))));
    }
  }

  /// The mean of a block of pixels; bytes become 0 to 1.
  float pixel(Index image, Index row, Index column) const {
    double sum = 0;
    for (Index y = row * form_.shrink; y < (row + 1) * form_.shrink; ++y) {
      for (Index x = column * form_.shrink; x < (column + 1) * form_.shrink; ++x) {
        sum += images_.value((image * form_.rows + y) * form_.columns + x);
      }
    }
    const auto count = static_cast<double>(form_.shrink * form_.shrink);
    const auto mean = static_cast<float>(sum / count / (images_.is_bytes() ? kWhite : 1));
    return std::isfinite(mean) ? mean : std::numeric_limits<float>::quiet_NaN();
  }

  Tensor image(Index image) const {
    const Index count = form_.shrunk_rows() * form_.shrunk_columns();
    Tensor values({form_.width() == 0 ? 0 : count / form_.width(), form_.width()});
    for (Index i = 0; i < count; ++i) {
      const Index from = form_.order.empty() ? i : form_.order[static_cast<std::size_t>(i)];
      values[i] = pixel(image, from / form_.shrunk_columns(), from % form_.shrunk_columns());
    }
    return values;
  }

  std::string content_;
  IdxArray images_;
  Form form_;
  std::vector<std::int32_t> of_images_;  // labels; empty where there are none
  Index next_ = 0;
};

}  // namespace

Reader read_idx(const std::string& content, const std::string& name, const std::optional<std::string>& labels,
                const std::string& labels_name, const ReadOptions& options) {
  return std::make_unique<Idx>(content, name, labels, labels_name, options);
}

}  // namespace unfold
