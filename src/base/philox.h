// The constants of Philox 4x32-10. Salmon, Moraes, Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3",
// section 4.3.
#pragma once

#include <cstdint>

namespace unfold::philox_constants {

inline constexpr std::uint64_t kMultiplier0 = 0xD2511F53;
inline constexpr std::uint64_t kMultiplier1 = 0xCD9E8D57;
inline constexpr std::uint32_t kWeyl0 = 0x9E3779B9;  // added to the key after each round
inline constexpr std::uint32_t kWeyl1 = 0xBB67AE85;
inline constexpr int kRounds = 10;

}  // namespace unfold::philox_constants
