// The options of the task `lm`, group by group: name and help of each.
#include "tasks/language_model/settings.h"

namespace unfold {

Settings TextSettings::list() {
  return grouped(
      "Text",
      {
          {"data", "Texts to learn from: files, .gz too, folders, patterns, - for standard input", &data},
          {"valid", "Texts to validate on; a part of --data if left out", &valid},
          {"include", "Which files of a folder to read: '*.c,*.h'; all if left out", &include},
          {"held-out", "Share of --data that is held out where there is no --valid: its end, or lines at random",
           &held_out},
          {"level", "What a token is: byte, char, word or bpe", &level},
          {"vocab", "Most symbols to know, 0 for all; default 10000 words, 4000 pieces of bpe, all characters",
           &vocabulary},
          {"min-count", "Characters and words seen less often become the unknown symbol", &min_count},
          {"document-separator", "Text between documents; no state is carried over. Several files are documents anyway",
           &document_separator},
          {"lines", "Every line is a sequence of its own, learnt whole, with a symbol for its start and end", &lines},
          {"batch", "Sequences B side by side", &batch},
          {"unroll", "Steps T of truncated backpropagation through time", &unroll},
          {"unroll-jitter", "Vary the steps around T at random, and the learning rate with them", &unroll_jitter},
      });
}

Settings NetworkSettings::list() {
  return grouped(
      "Network",
      {
          {"cell", "A shipped cell ('unfold cells' lists them), with options, or a file of equations", &cell},
          {"hidden", "Units H of each layer: one size, or one for each layer as in 512,512,256", &hidden},
          {"layers", "Layers of cells; default 2, or as many as --hidden has sizes", &layers},
          {"embed", "Size of the embedding, 0 for one-hot input; default 0, for words and tied weights the top layer's",
           &embed},
          {"skip", "The input reaches every layer, and every layer the output", &skip},
          {"residual", "Add to each layer's output what it read, where the sizes agree", &residual},
          {"tie-weights", "The embedding's table is the output layer's matrix, too", &tie_weights},
          {"softmax", "Output layer: full, or adaptive for a large vocabulary", &softmax},
          {"cutoffs", "Numbers of the first words in the adaptive softmax' tails, such as 2000,10000", &cutoffs},
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
      {"activation-penalty", "AR: this times the mean square of what the output layer reads", &activation_penalty},
      {"temporal-penalty", "TAR: this times the mean square of the top layer's change from step to step",
       &temporal_penalty},
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
