// Names and operand counts of the elementwise functions.
#include "tensor/kernels/functions.h"

namespace unfold::kernels {

int arity(Function function) {
  switch (function) {
    case Function::kIdentity:
    case Function::kNegate:
    case Function::kSigmoid:
    case Function::kTanh:
    case Function::kRelu:
    case Function::kSoftplus:
    case Function::kExp:
    case Function::kLog:
    case Function::kSqrt: return 1;
    case Function::kAdd:
    case Function::kSubtract:
    case Function::kMultiply:
    case Function::kDivide:
    case Function::kMax:
    case Function::kMin:
    case Function::kSigmoidSlope:
    case Function::kTanhSlope:
    case Function::kReluSlope: return 2;
    case Function::kSelectGreaterEqual:
    case Function::kSelectGreater:
    case Function::kSelectEqual:
    case Function::kMultiplyAdd:
    case Function::kMultiplySubtract:
    case Function::kAddThree:
    case Function::kSigmoidOfSum:
    case Function::kTanhOfSum:
    case Function::kSigmoidOfMultiplyAdd:
    case Function::kTanhOfMultiplyAdd:
    case Function::kSigmoidSlopeOfProduct:
    case Function::kTanhSlopeOfProduct:
    case Function::kReluOfSum:
    case Function::kSigmoidSlopeOfSum:
    case Function::kTanhSlopeOfSum:
    case Function::kReluSlopeOfSum: return 3;
  }
  return 0;
}

const char* name(Function function) {
  switch (function) {
    case Function::kIdentity: return "identity";
    case Function::kNegate: return "negate";
    case Function::kSigmoid: return "sigmoid";
    case Function::kTanh: return "tanh";
    case Function::kRelu: return "relu";
    case Function::kSoftplus: return "softplus";
    case Function::kExp: return "exp";
    case Function::kLog: return "log";
    case Function::kSqrt: return "sqrt";
    case Function::kAdd: return "add";
    case Function::kSubtract: return "subtract";
    case Function::kMultiply: return "multiply";
    case Function::kDivide: return "divide";
    case Function::kMax: return "max";
    case Function::kMin: return "min";
    case Function::kSigmoidSlope: return "sigmoid_slope";
    case Function::kTanhSlope: return "tanh_slope";
    case Function::kReluSlope: return "relu_slope";
    case Function::kSelectGreaterEqual: return "select_greater_equal";
    case Function::kSelectGreater: return "select_greater";
    case Function::kSelectEqual: return "select_equal";
    case Function::kMultiplyAdd: return "multiply_add";
    case Function::kMultiplySubtract: return "multiply_subtract";
    case Function::kAddThree: return "add_three";
    case Function::kSigmoidOfSum: return "sigmoid_of_sum";
    case Function::kTanhOfSum: return "tanh_of_sum";
    case Function::kSigmoidOfMultiplyAdd: return "sigmoid_of_multiply_add";
    case Function::kTanhOfMultiplyAdd: return "tanh_of_multiply_add";
    case Function::kSigmoidSlopeOfProduct: return "sigmoid_slope_of_product";
    case Function::kTanhSlopeOfProduct: return "tanh_slope_of_product";
    case Function::kReluOfSum: return "relu_of_sum";
    case Function::kSigmoidSlopeOfSum: return "sigmoid_slope_of_sum";
    case Function::kTanhSlopeOfSum: return "tanh_slope_of_sum";
    case Function::kReluSlopeOfSum: return "relu_slope_of_sum";
  }
  return "unknown";
}

}  // namespace unfold::kernels
