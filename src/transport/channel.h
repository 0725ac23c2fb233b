// One direction each way between a client thread and a worker thread: the two lines of a lane, taken in turns.
//
// Each side owns one Channel for its lane; only that lane's thread uses it. The line that a side writes is its own
// until it publishes the sequence number, and again when the answer has come: the two sides strictly alternate, so no
// field but `sequence` and the bells needs to be atomic. Everything read from `incoming` may be changed by a hostile
// peer at any moment: the client copies first and checks the copy.
//
// Waiting goes in stages, by time: a few pauses (an answer within a microsecond), then yields (the other side needs
// this processor), then sleep after about what a sleep costs. Measured: a wake-up across processors costs 50 to 60 µs.
#pragma once

#include "platform/bell.h"
#include "wire/window_layout.h"

namespace halfword {

enum class WaitMode : std::uint32_t { automatic = 0, spin = 1, block = 2 };

enum class Waited { message, timed_out, stopped };

class Channel {
 public:
  /// `stop` is watched while waiting: a value other than 0 ends the wait; it must outlive the channel.
  /// Whoever changes it increments the own bell and wakes (see `interrupt`).
  Channel(wire::Line* out, wire::Line* in, BellEnd own, BellEnd peer, WaitMode mode, const std::uint32_t* stop);

  /// The line to fill before `send`.
  wire::Line& outgoing() { return *out_; }
  const wire::Line& incoming() const { return *in_; }

  /// Publishes the outgoing line and wakes the other side if it sleeps.
  void send() {
    // An exchange, not a store: the look at `asleep` must not be done before the sequence can be seen. Its partner is
    // the exchange in `fall_asleep`: one of the two sides sees the other's write.
    __atomic_exchange_n(&out_->sequence, ++sent_, __ATOMIC_SEQ_CST);
    if (__atomic_load_n(&peer_.shared->asleep, __ATOMIC_RELAXED) != 0) ring(peer_);
  }

  /// Waits for the next incoming line.
  Waited wait(Deadline deadline) {
    for (std::uint32_t left = pauses_; left != 0; --left) {
      if (arrived()) return take();
      relax();
    }
    return wait_longer(deadline);
  }

  /// Wakes the thread that waits on `own`, from any thread of its process.
  static void interrupt(const BellEnd& own) { ring(own); }

 private:
  bool arrived() const { return __atomic_load_n(&in_->sequence, __ATOMIC_ACQUIRE) == received_ + 1; }
  Waited take() {
    ++received_;
    return Waited::message;
  }
  bool stopped() const { return __atomic_load_n(stop_, __ATOMIC_ACQUIRE) != 0; }
  static void ring(const BellEnd& end);
  Waited wait_longer(Deadline deadline);
  Waited fall_asleep(Deadline deadline);

  wire::Line* out_;
  wire::Line* in_;
  std::uint32_t sent_ = 0;
  std::uint32_t received_ = 0;
  std::uint32_t pauses_;
  WaitMode mode_;
  const std::uint32_t* stop_;
  BellEnd own_;
  BellEnd peer_;
};

}  // namespace halfword
