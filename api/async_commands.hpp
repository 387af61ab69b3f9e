#pragma once
// AsyncCommands: commands that applications do not wait for. Each is a document of the catalogue; here is
// which of them are live, so that they go out when their device is there, in the order of their ids, and
// end when they should.
// A command is kept as SENT before it is sent, and goes to the device at most once: what was SENT when the
// process ended, or when the connection did, waits for the device's answer until its time is over, and then
// is a TIMEOUT. What the connection did not take goes back to PENDING. Every change is durable before
// it is told; one that cannot be kept is tried again every second, and is not told meanwhile.
// Source: the contract, section 3.7. Limits: pending_commands_max waiting for a device, and
// DeviceRequestSettings::waiting_per_device_max sent and not answered; what is more waits.
// Threads: what devices do comes from any shard and is posted home; the rest is home's. No locks.
// Lifetime: everything of the context outlives it; it outlives the answers of the catalogue.

#include "api/async_command.hpp"
#include "api/async_command_settings.hpp"
#include "api/device_requests.hpp"
#include "api/platform_event.hpp"
#include "base/environment.hpp"
#include "base/error.hpp"
#include "base/turn.hpp"
#include "delivery/device_uplink.hpp"
#include "store/catalogue.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace holdfast::api {

/// Of one device; the contract, section 1.6.
inline constexpr std::size_t pending_commands_max = 20;
/// Kept at once, of all devices, those that are over included.
inline constexpr std::size_t async_commands_max = 20'000'000;

struct NewAsyncCommand {
    store::DevicePtr device;
    store::DevicePtr connected;  ///< the same, or the gateway that it is behind
    AsyncCommandDraft draft;
};

struct AsyncAcceptance {
    enum class Kind : std::uint8_t {
        accepted,
        too_many_pending,     ///< nothing was kept, as with all that follow
        too_many_unanswered,  ///< the device has as many to answer as it may have
        device_gone,          ///< it was deleted meanwhile
        stopping,
        failed,  ///< `error` is the catalogue's
    };
    Kind kind = Kind::accepted;
    AsyncCommand command;  ///< as it is then, durable
    std::error_code error;
};

class AsyncCommands {
public:
    using Accepted = std::function<void(AsyncAcceptance)>;

    struct Context {
        store::Catalogue& catalogue;
        delivery::DirectLine& line;
        store::Executor& home;
        TurnGate& turns;  ///< of home's shard
        const Clock& clock;
        PlatformEventSink& events;
        const AsyncCommandSettings& settings;
        const DeviceRequestSettings& requests;
        bool object_device_id_always = false;
    };
    explicit AsyncCommands(const Context& context) : context_(context) {}
    AsyncCommands(const AsyncCommands&) = delete;
    AsyncCommands& operator=(const AsyncCommands&) = delete;

    /// What an earlier process left. Before the threads begin.
    [[nodiscard]] Result<void> load();

    /// `done` runs once, at home, when it is durable what has become of it.
    void accept(NewAsyncCommand command, Accepted done);
    /// The device is deleted. Its documents are the caller's to remove.
    void forget_device(std::uint64_t number);
    void on_tick(Instant now);
    /// Nothing more is sent.
    void stop() { is_stopped_ = true; }

    // --- Any shard
    void on_connection_begun(std::string_view device_id);
    void on_acknowledged(std::string_view device_id, std::string_view topic, bool is_refused);
    /// False: it is no answer to one of these.
    bool on_answer(std::string_view device_id, std::string_view request_id, DeviceReply reply);

    [[nodiscard]] std::size_t live() const { return live_.load(); }

private:
    enum class Stage : std::uint8_t {
        pending,
        sending,    ///< being kept as SENT, or as PENDING again
        sent,       ///< or delivered
        ending,     ///< being kept as what it became
        forgotten,  ///< with its device
    };
    struct Live {
        std::string id;
        std::uint64_t device = 0;
        Stage stage = Stage::pending;
        bool is_delivered = false;
        bool holds_line = false;   ///< its device's next one waits for it
        Instant deadline = never;  ///< of `pending` or `sent`
        Seconds expire_time{};
        Accepted done;  ///< not told yet what has become of it
    };
    using LivePtr = std::shared_ptr<Live>;
    /// What is live of one device; none: it is not in the table.
    struct Entry {
        std::string device_id;
        std::string connected_id;
        std::map<std::string, LivePtr> pending;  ///< by their place in the catalogue
        std::size_t adding = 0;                  ///< perhaps PENDING soon
        std::size_t unanswered = 0;              ///< SENT, or soon
        std::size_t ending = 0;                  ///< being kept as what they became
        std::set<std::string> ids;               ///< in `by_id_`
        bool is_sending = false;  ///< one that holds the line: that keeps their order
        bool is_checked = false;  ///< it is known that there is still this device
        Instant not_before{};     ///< after something failed
        unsigned failures = 0;    ///< in a row
    };
    enum class Presence : std::uint8_t { there, gone, unknown };
    using Change = std::function<void(AsyncCommand&)>;
    using Kept = std::function<void(AsyncCommand)>;

    // async_commands.cpp: until it is sent
    Entry& entry_of(const NewAsyncCommand& command);
    void release(std::uint64_t device);
    void on_added(const LivePtr& live, AsyncCommandStatus status, std::error_code error,
                  const store::DocumentPtr& document);
    void withdraw(const LivePtr& live, AsyncCommandStatus status);
    void on_accepted(const LivePtr& live, AsyncCommand command, Presence presence);
    void check_device(std::uint64_t device, std::function<void(Presence)> done);
    void on_checked(std::uint64_t device, Presence presence);
    void hold_line(Live& live);
    void leave_line(Live& live);
    void pump(std::uint64_t device);
    void pump_ready();
    void pump_later(std::uint64_t device);
    void begin_sending(std::uint64_t device, Entry& entry);
    void on_marked(const LivePtr& live, std::error_code error, const store::DocumentPtr& document);
    void send(const LivePtr& live, AsyncCommand command);
    void on_sent(const LivePtr& live, const AsyncCommand& command);
    void take_back(const LivePtr& live, const AsyncCommand& command, delivery::DirectSend why);
    void add_pending(const LivePtr& live);
    void remove_pending(Entry& entry, const Live& live);
    void set_deadline(Live& live, Instant at);
    void enter(const LivePtr& live);
    void leave(const Live& live);

    // async_commands_end.cpp: what becomes of it
    void restore(const AsyncCommand& command);
    void take_answer(const std::string& device_id, const std::string& id, const DeviceReply& reply);
    void take_acknowledgement(const std::string& device_id, const std::string& id, bool is_refused);
    [[nodiscard]] LivePtr find_sent(const std::string& device_id, const std::string& id) const;
    void on_deadline(const LivePtr& live);
    void finish(const LivePtr& live, Change change);
    void keep(const LivePtr& live, Change change, Kept kept);
    void try_again();
    void trim(Instant now);
    void trim_devices();
    void trim_old();
    void drop(const LivePtr& live);
    void tell(const AsyncCommand& command);
    void answer(const LivePtr& live, AsyncAcceptance acceptance);

    const Context context_;
    std::atomic<std::size_t> pending_{0};  ///< so that connections and answers cost nothing
    std::atomic<std::size_t> live_{0};     ///< in `by_id_`
    boost::unordered_flat_map<std::string, LivePtr> by_id_;
    std::map<std::uint64_t, Entry> devices_;
    std::map<std::string, std::set<std::uint64_t>, std::less<>> by_connection_;  ///< of devices
    std::set<std::pair<Instant, std::string>> deadlines_;  ///< with the command's id
    std::size_t marking_ = 0;                              ///< being kept as SENT
    std::deque<std::uint64_t> ready_;           ///< devices that go on when there is room
    std::set<std::uint64_t> later_;             ///< devices that go on after something failed
    std::deque<std::function<void()>> unkept_;  ///< changes to be tried again
    std::set<std::uint64_t> untrimmed_;         ///< devices with perhaps too many that ended
    bool is_trimming_ = false;
    bool is_stopped_ = false;
    Instant next_look_{};
    Instant next_trim_{};
};

}  // namespace holdfast::api
