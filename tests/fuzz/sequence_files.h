// Files of sequences with random mistakes, of every format.
#pragma once

#include <string>
#include <vector>

#include "fuzz/text_mutator.h"
#include "unfold/error.h"
#include "unfold/sequence_reader.h"

namespace unfold {

class SequenceFileMutator {
 public:
  explicit SequenceFileMutator(std::uint64_t key) : texts_(key, seeds(), fragments()) {}

  std::string draw() { return texts_.draw(); }

 private:
  static std::vector<std::string> seeds() {
    return {
        "pos a good film\nneg a bad one\n\nneg caf\xE9\n",
        "id,text,label\n1,\"one, \"\"two\"\"\nthree\",a\n2,plain,b\r\n",
        "text\tlabel\nsome words\ta\n\tb\n",
        "label,t0,t1,t2\na,1,2,3\nb,-1e3,?,.5\n",
        "sequence_id,time,x,y,label\na,1,2,3,u\na,2,3,,v\n\nb,0,5,6,u\n",
        "{\"text\": \"a\", \"label\": 1}\n{\"text\": \"caf\\u00e9\", \"label\": \"b\"}\n",
        "{\"tokens\": [\"a\", \"b\"], \"label\": [\"X\", null]}\n{\"tokens\": [], \"label\": []}\n",
        "{\"values\": [[1, 2], [null, 4]], \"label\": true}\n{\"values\": [[1, 2]]}\n",
        "# text = a b\n1-2\tab\t_\t_\t_\t_\t_\t_\t_\t_\n1\ta\ta\tDET\tDT\t_\t0\troot\t_\t_\n"
        "1.1\te\t_\t_\t_\t_\t_\t_\t_\t_\n2\tb\tb\tNOUN\t_\t_\t1\tx\t_\tSpaceAfter=No\n\n",
        "#about\n@problemName x\n@dimensions 2\n@classLabel true a b\n@data\n1,2:3,?:a\n4:5:b\n",
        "@univariate true\n@classLabel false\n@data\n1,2,3\n4\n",
        "{\"train\": [[[60, 64], []], [[21]]], \"test\": [[[-1, 108]]]}",
        std::string("\0\0\x08\3\0\0\0\1\0\0\0\2\0\0\0\3abcdef", 22),
        std::string("\0\0\x0D\2\0\0\0\2\0\0\0\1abcdefgh", 20),
    };
  }

  static std::vector<std::string_view> fragments() {
    return {",",
            "\t",
            "\n",
            "\r\n",
            "\"",
            "\"\"",
            ":",
            "?",
            "[",
            "]",
            "{",
            "}",
            "null",
            "1e38",
            "1e99",
            "\xFF",
            "\xC3",
            "@data\n",
            "_",
            "1-2",
            "1.1",
            "#",
            "\\u",
            "\\",
            "nan",
            "-",
            "label",
            "text",
            "tokens",
            "values",
            "@timestamps true\n",
            "\xEF\xBB\xBF",
            std::string_view("\0\0\x08\1", 4),
            "[[[[[[[[[[[[[[[["};
  }

  TextMutator texts_;
};

/// Reads a file to its end and writes it again with labels. True if it was read, false if it was refused as it should.
inline bool read_and_write(const std::string& content, const std::string& format) {
  try {
    const auto reader = read_sequences_of(content, "fuzz", {.format = format});
    while (auto record = reader->next()) {
      Predictions predictions{.labels = {}, .of_steps = reader->kind() == SequenceKind::kWords, .with_scores = true};
      const std::size_t count = !record->sequence ? 0 : predictions.of_steps ? record->sequence->words.size() : 1;
      predictions.labels.assign(count, {"a,\"b\"", {{"a,\"b\"", 0.5}}});
      reader->rewritten(*record, predictions);
    }
    return true;
  } catch (const InputError&) {
    return false;
  } catch (const UsageError&) {  // images that cannot be shrunk, an option that does not fit
    return false;
  }
}

}  // namespace unfold
