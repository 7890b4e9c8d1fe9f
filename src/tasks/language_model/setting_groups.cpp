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

Settings RegularisationSettings::list() {
  return grouped(
      "Regularisation",
      {
          {"recurrent-dropout", "Dropout of the recurrent reads: none, naive:P or variational:P", &recurrent_dropout},
          {"teacher-forcing", "State whose previous value is the shifted target in training: none or a name",
           &teacher_forcing},
      });
}

Settings OptimizerSettings::list() {
  return grouped("Optimiser",
                 {
                     {"optimizer", "adam or sgd", &method},
                     {"lr", "Learning rate at its peak; default 0.002 for adam, 1 for sgd", &learning_rate},
                     {"schedule", "Learning rate over time: constant or cosine", &schedule},
                     {"warmup", "Steps over which the learning rate grows from 0", &warmup},
                     {"clip-norm", "Largest global norm of the gradient, 0 for no limit", &clip_norm},
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
      });
}

}  // namespace unfold
