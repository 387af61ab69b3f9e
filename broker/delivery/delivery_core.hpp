#pragma once
// DeliveryCore: what all device queues share. Made by Delivery, counted by reference, because answers
// of the store may run after Delivery is gone: then `is_closed` says that nothing is to be done.
// Threads: any.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "base/wall_offset.hpp"
#include "delivery/device_deadlines.hpp"
#include "delivery/device_message.hpp"
#include "delivery/settings.hpp"
#include "delivery/status_recorder.hpp"
#include "store/store.hpp"

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace holdfast::delivery {

/// Read ahead for one device that is being drained.
inline constexpr std::size_t window_messages_max = 64;
inline constexpr std::size_t window_bytes_max = 256 * 1024;
/// What failed in the store is tried again after so long.
inline constexpr Seconds store_retry_delay{1};

struct DeliveryCore {
    DeliveryCore(store::Store& the_store, const DeliverySettings& the_settings,
                 const Clock& the_clock, EventSink& the_events,
                 const PayloadComposer& the_composer, StatusRecorder* the_recorder,
                 PresenceListener* the_presence)
        : store(the_store),
          settings(the_settings),
          clock(the_clock),
          events(the_events),
          composer(the_composer),
          recorder(the_recorder),
          presence(the_presence) {}

    store::Store& store;
    const DeliverySettings& settings;
    const Clock& clock;
    EventSink& events;
    const PayloadComposer& composer;
    StatusRecorder* const recorder;    ///< null: there is none
    PresenceListener* const presence;  ///< null: there is none

    DeviceDeadlines deadlines;
    std::atomic<std::uint64_t> devices_with_messages{0};
    std::atomic<std::uint64_t> waiting_messages{0};
    std::atomic<std::uint64_t> waiting_bytes{0};
    std::atomic<std::size_t> loaded_messages{0};  ///< and steps, in the tables of all queues
    std::atomic<bool> is_closed{false};

    [[nodiscard]] bool wants_status() const { return recorder != nullptr && recorder->wants_status(); }
    /// Both clocks read now: stamps are right although the wall clock jumps.
    [[nodiscard]] WallOffset offset() const { return {clock.now(), clock.wall_now()}; }
};
using DeliveryCorePtr = std::shared_ptr<DeliveryCore>;

}  // namespace holdfast::delivery
