// The functions of the language made of the few that gradient and kernels know.
#pragma once

#include <vector>

#include "recurrence/graph/graph_builder.h"
#include "recurrence/parse/builtins.h"

namespace unfold::recurrence {

/// The value of `function`, which has the right number of arguments of fitting sizes, as nodes of `builder`.
/// clip_gradient's bound is a number node. Functions of matrices per example and batch_norm do not come here.
NodeId build_function(GraphBuilder& builder, Builtin function, const std::vector<NodeId>& arguments);

/// a ^ exponent, elementwise: by multiplication where the exponent is a whole number, else exp(exponent * log(a)).
NodeId build_power(GraphBuilder& builder, NodeId base, NodeId exponent);

}  // namespace unfold::recurrence
