// A command and its options, as verbs declare them. Only command.cpp, main.cpp and suggestion.cpp know the library
// behind it, which takes long to compile.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "unfold/tensor.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace unfold::cli {

/// Does a command's work after its options were parsed; returns the exit code.
using Action = std::function<int()>;

/// The least value that an option takes.
enum class Least { kZero, kOne };

class Command {
 public:
  /// `chosen` receives the action of the command that the user chose.
  Command(CLI::App& app, Action& chosen) : app_(&app), chosen_(&chosen) {}

  /// A command below this one. One of them must be chosen.
  Command below(const std::string& name, const std::string& summary);
  /// Shown at the end of --help.
  void example(const std::string& text);
  /// What the command does. The action owns what the options are bound to.
  void action(Action action);

  /// A value without dashes.
  void argument(const std::string& name, std::string& value, const std::string& help);
  /// Any number of them.
  void arguments(const std::string& name, std::vector<std::string>& values, const std::string& help);
  /// "--name VALUE". The value it has is the default, shown unless it is "" or negative.
  void option(const std::string& name, std::string& value, const std::string& help);
  void option(const std::string& name, Index& value, const std::string& help, Least least = Least::kOne);
  void option(const std::string& name, double& value, const std::string& help);                     // 0 at least
  void option(const std::string& name, std::vector<std::string>& values, const std::string& help);  // "--name A B"
  void option(const std::string& name, std::vector<Index>& values, const std::string& help);        // "--name 1,2"
  /// "--name A,B" or "--name A B".
  void list(const std::string& name, std::vector<std::string>& values, const std::string& help);
  void list(const std::string& name, std::vector<double>& values, const std::string& help);  // 0 at least
  /// "--name VALUE", any number of times.
  void repeated(const std::string& name, std::vector<std::string>& values, const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);
  /// The heading in --help of what is declared next.
  void group(const std::string& title);

  /// The option or argument must be given.
  void require(const std::string& name);
  /// The two options must not be given together.
  void exclude(const std::string& one, const std::string& other);
  bool given(const std::string& name) const;

 private:
  template <class Number>
  CLI::Option* add_number(const std::string& name, Number& value, const std::string& help);
  CLI::Option* find(const std::string& name) const;

  CLI::Option* shown(CLI::Option* option, bool with_default);

  CLI::App* app_;
  Action* chosen_;
  std::string group_ = "Options";
};

}  // namespace unfold::cli
