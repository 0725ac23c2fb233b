// A program in words: what a plan does with each argument. For traces and for people who wonder how a parameter passes.
#pragma once

#include <string>

#include "interface/program.h"

namespace halfword::model {

/// The signature, then one line for each parameter and one for the result.
std::string describe(const Program& program);

}  // namespace halfword::model
