// unfold bench train|generate|step|tag|classify|cells|gemm: how fast, beside what the machine itself can do, measured
// in the same rounds.
#include "bench_gemm.h"
#include "bench_generate.h"
#include "bench_labelling.h"
#include "bench_step.h"
#include "bench_train.h"
#include "verb.h"

namespace unfold::cli {
namespace {

void prepare(Command& command) {
  Command train = command.below("train", "A whole training step, beside the best matrix product");
  prepare_bench_train(train);
  Command cells = command.below("cells", "The same for every cell, or for those that are named");
  prepare_bench_cells(cells);
  Command generate = command.below("generate", "Writing a text, beside the speed at which the weights can be read");
  prepare_bench_generate(generate);
  Command step = command.below("step", "One step of one layer on one row of numbers, beside the same");
  prepare_bench_step(step);
  Command tag = command.below("tag", "Labelling words, of sentences of any length beside sentences of one length");
  prepare_bench_tag(tag);
  Command classify = command.below("classify", "The same for labelling sentences");
  prepare_bench_classify(classify);
  Command gemm = command.below("gemm", "The machine's limits: matrix products and memory");
  prepare_bench_gemm(gemm);
  command.example("  unfold bench train\n  unfold bench cells my.cell\n  unfold bench gemm --json");
}

}  // namespace

Verb verb_bench() { return {"bench", "Measure throughput beside what the machine itself can do", prepare}; }

}  // namespace unfold::cli
