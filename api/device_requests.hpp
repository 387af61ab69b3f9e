#pragma once
// DeviceRequests: what applications ask of devices and wait for: commands, and properties to be set or
// read. A request goes straight into the session of a device that is connected; the answer is what the
// device publishes to the topic with the same request id. Nothing is kept: a request whose answer does not
// come in time, or whose device goes away, is forgotten, and an answer that comes later is nobody's.
// A device that is back at once, on another connection, may still answer.
// Source: the contract, sections 3.7 (20 seconds) and 5.3 (topics).
// Threads: any shard; one mutex, held for one change of the tables, and never while a session is called.
// Lifetime: requests that are not answered yet never are: what they hold is destroyed here.

#include "base/turn.hpp"
#include "delivery/device_uplink.hpp"
#include "store/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

struct DeviceRequestSettings {
    Milliseconds timeout{20'000};      ///< a device has so long to answer
    std::size_t waiting_max = 10'000;  ///< requests that wait for devices; one more is refused
    std::size_t waiting_per_device_max = 20;  ///< of these, for one connection
};

enum class RequestKind : std::uint8_t { command, set_properties, get_properties };

struct DeviceRequest {
    std::string
        device_id;  ///< whose connection it goes to: of a device behind a gateway, the gateway
    RequestKind kind = RequestKind::command;
    std::string request_id;  ///< never used before
    std::string payload;
};

enum class ReplyKind : std::uint8_t {
    answered,
    unreadable,  ///< the device's answer is no JSON object
    offline,     ///< it was not sent: there is no connection
    blocked,     ///< it was not sent: the device does not take what was sent before
    too_large,   ///< it was not sent: the device takes no packet of that size
    too_many,    ///< it was not sent: too many others wait
    gone,        ///< the connection ended before the answer
    too_late,    ///< no answer in time
    stopping,    ///< the server ends
};
/// Precondition: not sent.
[[nodiscard]] ReplyKind refusal_of(delivery::DirectSend outcome);

struct DeviceReply {
    ReplyKind kind = ReplyKind::answered;
    std::string payload;  ///< of the answer
};

class DeviceRequests {
public:
    using Replied = std::function<void(DeviceReply)>;

    /// Both outlive it.
    DeviceRequests(delivery::DirectLine& line, const DeviceRequestSettings& settings)
        : line_(line), settings_(settings) {}
    DeviceRequests(const DeviceRequests&) = delete;
    DeviceRequests& operator=(const DeviceRequests&) = delete;

    /// `replied` runs once, on the executor of the turn, never inside the call.
    void ask(DeviceRequest request, Turn& turn, Replied replied);

    /// The device has published an answer. False: nobody waits for it, or not from that device.
    bool on_answer(RequestKind kind, std::string_view device_id, std::string_view request_id,
                   DeviceReply reply);
    void on_connection_ended(std::string_view device_id, Turn& turn);
    void on_deadline(Turn& turn);
    /// Answers all that wait, and refuses new ones.
    void stop();

    [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

private:
    struct Waiting {
        DeviceRequest request;
        std::uint64_t number = 0;  ///< counted up
        Instant answer_by = never;
        store::Executor* executor = nullptr;
        Replied replied;
    };
    using Place = std::list<Waiting>::iterator;

    [[nodiscard]] std::size_t waiting_for(const std::string& device_id) const;
    [[nodiscard]] bool add(const DeviceRequest& request, Turn& turn, Replied& replied,
                           ReplyKind& refusal);
    [[nodiscard]] Waiting take(Place place);
    [[nodiscard]] std::vector<Waiting> take_earlier(std::string_view device_id,
                                                    std::uint64_t number);
    static void reply(Waiting waiting, DeviceReply reply);

    delivery::DirectLine& line_;
    const DeviceRequestSettings& settings_;
    std::atomic<std::size_t> waiting_{0};

    std::mutex mutex_;          ///< guards what follows
    std::list<Waiting> order_;  ///< as they were asked, which is the order of their deadlines
    boost::unordered_flat_map<std::string, Place> by_id_;
    boost::unordered_flat_map<std::string, std::vector<Place>> by_device_;
    std::uint64_t next_number_ = 1;
    bool is_stopped_ = false;
};

}  // namespace holdfast::api
