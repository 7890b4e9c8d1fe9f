// The options of the task `lm`, group by group: name and help of each.
#include "tasks/language_model/settings.h"

namespace unfold {

Settings TextSettings::list() {
  return grouped("Text",
                 {
                     {"data", "Text to learn from", &data},
                     {"valid", "Text to validate on; the end of --data if left out", &valid},
                     {"held-out", "Share of --data that is held out where there is no --valid", &held_out},
                     {"level", "What a token is: byte, char or word", &level},
                     {"vocab", "Most frequent words to know, 0 for all; default 10000, for words only", &vocabulary},
                     {"batch", "Sequences B side by side", &batch},
                     {"unroll", "Steps T of truncated backpropagation through time", &unroll},
                 });
}

Settings NetworkSettings::list() {
  return grouped(
      "Network",
      {
          {"cell", "A shipped cell ('unfold cells' lists them), with options, or a file of equations", &cell},
          {"hidden", "Units H of each layer", &hidden},
          {"layers", "Layers of cells", &layers},
          {"embed", "Size of the embedding, 0 for one-hot input; default 0, for words --hidden", &embed},
      });
}

Settings RegularisationSettings::list() { return grouped("Regularisation", recurrence.list()); }

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
          {"epochs", "Train for this many passes over the text; 10 if no length is given", &epochs},
          {"minutes", "Train for this long: the number of steps is measured, then fixed and recorded", &minutes},
          {"validate-every", "Steps between validations; default a twentieth of all, more where that costs much",
           &validate_every},
          {"keep-samples",
           "Tokens of what the model writes to keep in the run's folder, at growing intervals; 0 for none",
           &keep_samples},
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

}  // namespace unfold
