#pragma once
// Wakeups: when a thread with work of a few microseconds may take a core from whoever is on it. Threads that
// share cores with each other and with their clients wake for every single packet as soon as it is there, and
// each takes the core from the one that was about to send the next: nothing is ever read or written together,
// and a message costs several times what it costs one thread. A thread that waits for a core much of the time
// anyway therefore becomes patient: it waits until a core is given to it, and finds more to do at once. While
// there are cores enough it is eager, for its latency.
// Measured: docs/performance.md, "More threads than one". Threads: the shard's.

#include <chrono>

namespace holdfast::net {

class Wakeups {
public:
    /// The thread has waited so long for a core since it began. True: is_patient() is another one now.
    bool on_tick(std::chrono::nanoseconds waited);
    [[nodiscard]] bool is_patient() const { return is_patient_; }

private:
    std::chrono::nanoseconds waited_before_{0};
    bool is_patient_ = false;
};

/// How long the thread that calls has waited for a core in all, as the kernel counts it; 0 where it does not.
[[nodiscard]] std::chrono::nanoseconds core_wait();

/// Tells the kernel of the thread that calls: SCHED_BATCH, or what it was before. Leaves a thread alone that
/// the administrator gave another policy; if the kernel refuses, it stays as it was.
void set_patient(bool is_patient);

}  // namespace holdfast::net
