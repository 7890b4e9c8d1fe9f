// The options of training, group by group: name and help of each.
#include "tasks/training/settings.h"

#include <fmt/core.h>

#include "base/threads.h"
#include "tasks/option_text.h"

namespace unfold {

Settings LayerSettings::list() {
  return grouped(
      "Network",
      {
          {"cell", "A shipped cell ('unfold cells' lists them), with options, or a file of equations", &cell},
          {"hidden", "Units H of each layer: one size, or one for each layer as in 512,512,256", &hidden},
          {"layers", fmt::format("Layers of cells; default {}, or as many as --hidden has sizes", usual_layers),
           &layers},
          {"skip", "The input reaches every layer, and every layer the output", &skip},
          {"residual", "Add to each layer's output what it read, where the sizes agree", &residual},
          {"init",
           "Start of all matrices: cell (as its file says), glorot, orthogonal, identity, uniform:BOUND, "
           "normal:DEVIATION, spectral:RADIUS or sparse",
           &init},
          {"recurrent-init", "The same for the matrices that multiply states", &recurrent_init},
          {"forget-bias", "Start of the parameter b_f of the cell, or cell", &forget_bias},
      });
}

Settings RegularisationSettings::list() {
  Settings settings = recurrence.list();
  const Settings around = {
      {"dropout", "Dropout between layers: P, or variational:P for one mask per sequence", &dropout},
      {"input-dropout", "Dropout of the embedding's vectors: P or variational:P", &input_dropout},
      {"output-dropout", "Dropout of what the output layer reads: P or variational:P", &output_dropout},
      {"embedding-dropout", "Probability that a word is dropped wherever it stands in a sequence", &embedding_dropout},
      {"label-smoothing", "Share of the label that is spread over all symbols", &label_smoothing},
  };
  settings.insert(settings.end(), around.begin(), around.end());
  return grouped("Regularisation", settings);
}

Settings OptimizerSettings::list() {
  return grouped(
      "Optimiser",
      {
          {"optimizer", "sgd, momentum, nesterov, rmsprop, adagrad, adam, adamw, or asgd: sgd with averaging", &method},
          {"lr", "Learning rate at its peak; default 1 for sgd, 0.1 for momentum and adagrad, 0.002 for the others",
           &learning_rate},
          {"momentum", "Share of the velocity that is kept, for momentum and nesterov", &momentum},
          {"weight-decay", "Pull of the weights towards 0: in the gradient, beside it for adamw", &weight_decay},
          {"schedule", "Learning rate over time: constant, step, exponential, cosine, onecycle or plateau", &schedule},
          {"warmup", "Steps over which the learning rate grows from 0", &warmup},
          {"decay", "Factor of the learning rate each time that step, exponential or plateau lower it", &decay},
          {"decay-after", "Epochs at the full rate, for step and exponential", &decay_after},
          {"decay-every", "Epochs from one decay to the next, for step and exponential", &decay_every},
          {"decay-patience", "Validations without improvement before a decay, for plateau", &decay_patience},
          {"clip-value", "Largest element of the gradient, 0 for no limit; comes before --clip-norm", &clip_value},
          {"clip-norm", "Largest global norm of the gradient, 0 for no limit", &clip_norm},
          {"average-weights", "Validate and save an exponential average of the weights, such as 0.999; 0 for none",
           &average_weights},
          {"average-trigger", "Validations without improvement before asgd begins to average", &average_trigger},
      });
}

Settings LengthSettings::list() {
  return grouped(
      "Length",
      {
          {"steps", "Train for this many steps", &steps},
          {"epochs", "Train for this many passes over the data; 10 if no length is given", &epochs},
          {"minutes", "Train for this long: the number of steps is measured, then fixed and recorded", &minutes},
          {"validate-every", "Steps between validations; default a twentieth of all, more where that costs much",
           &validate_every},
          {"patience", "End after this many validations without improvement, 0 for never", &patience},
      });
}

Settings RecoverySettings::list() {
  return grouped(
      "Divergence",
      {
          {"retries", "Returns to the last validation with half the learning rate; default 3, 10 with --clip-search",
           &retries},
          {"clip-search", "Halve --clip-norm and --clip-value instead of the learning rate", &clip_search},
      });
}

Settings ExecutionSettings::list() {
  return grouped("Execution", {
                                  {"threads", "Threads; default all cores. The results do not depend on it", &threads},
                                  precision_setting(),
                              });
}

Setting ExecutionSettings::precision_setting() {
  return {"precision", "Of the products of training: f32 or bf16, up to twice as fast", &precision};
}

std::optional<std::string> complete(ExecutionSettings& settings) {
  if (settings.threads == kAutomatic) settings.threads = thread_count();
  if (parse_precision(settings.precision) != Precision::kBfloat16 || multiplies_bfloat16()) return std::nullopt;
  settings.precision = "f32";
  return "This machine has no instructions for bfloat16: training multiplies in float32.";
}

}  // namespace unfold
