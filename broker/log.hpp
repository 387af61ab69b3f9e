#pragma once
// The log: one line per event, in words or JSON, of a chosen weight upwards, with floods of one
// kind of event cut short and told (FloodGate). Lines go to a LineWriter; the real one hands them
// to a thread of spdlog's that writes stderr, so that a slow terminal holds up no shard: when its
// queue is full the oldest lines are lost, and how many is told as well.
// Lifetime: outlives whoever it is given to; the destructor writes what is waiting. Threads: any.

#include "base/environment.hpp"
#include "base/telemetry.hpp"
#include "config.hpp"
#include "flood_gate.hpp"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string_view>

namespace holdfast {

class LineWriter {
public:
    virtual ~LineWriter() = default;
    /// Threads: any. Must not block for long.
    virtual void write(std::string_view line) = 0;
    /// Lines lost since the start.
    [[nodiscard]] virtual std::uint64_t lost() const = 0;
};

[[nodiscard]] std::unique_ptr<LineWriter> make_stderr_writer();

class Log final : public EventSink {
public:
    struct Settings {
        Severity level = Severity::info;
        LogFormat format = LogFormat::text;
    };

    Log(const Clock& clock, Settings settings, std::unique_ptr<LineWriter> writer);
    ~Log() override;

    [[nodiscard]] bool wants(Severity severity) const override {
        return severity >= settings_.level;
    }
    void on_event(const Event& event) override;

    /// Tells what was withheld or lost; to be called about once a second.
    void tell_withheld();

private:
    void write(const Event& event);
    void write_withheld(Instant now);

    const Clock& clock_;
    const Settings settings_;
    const std::unique_ptr<LineWriter> writer_;
    std::mutex mutex_;  ///< of what follows
    FloodGate gate_;
    std::uint64_t lost_told_ = 0;
};

}  // namespace holdfast
