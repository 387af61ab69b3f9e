#include "log.hpp"

#include "log_line.hpp"

#include <spdlog/async.h>
#include <spdlog/async_logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <string>
#include <utility>

namespace holdfast {

namespace {

/// Each takes a third of a kilobyte from the start on. More than these in a breath are counted, not kept.
constexpr std::size_t waiting_lines_max = 1024;

class StderrWriter final : public LineWriter {
public:
    StderrWriter()
        : pool_(std::make_shared<spdlog::details::thread_pool>(waiting_lines_max, 1)),
          logger_(std::make_shared<spdlog::async_logger>(
              "holdfast", std::make_shared<spdlog::sinks::stderr_sink_mt>(), pool_,
              spdlog::async_overflow_policy::overrun_oldest)) {
        logger_->set_pattern("%v");
        logger_->set_level(spdlog::level::trace);
        logger_->flush_on(spdlog::level::trace);
    }

    void write(std::string_view line) override {
        logger_->log(spdlog::level::info, spdlog::string_view_t{line.data(), line.size()});
    }

    [[nodiscard]] std::uint64_t lost() const override { return pool_->overrun_counter(); }

private:
    // The pool's destructor writes what waits; the logger in the waiting lines goes last with it.
    std::shared_ptr<spdlog::details::thread_pool> pool_;
    std::shared_ptr<spdlog::async_logger> logger_;
};

}  // namespace

std::unique_ptr<LineWriter> make_stderr_writer() { return std::make_unique<StderrWriter>(); }

Log::Log(const Clock& clock, Settings settings, std::unique_ptr<LineWriter> writer)
    : clock_(clock), settings_(settings), writer_(std::move(writer)) {}

Log::~Log() {
    const std::lock_guard lock{mutex_};
    write_withheld(never);
}

void Log::on_event(const Event& event) {
    if (!wants(event.severity)) return;
    const Instant now = clock_.now();
    const std::lock_guard lock{mutex_};
    if (gate_.has_withheld()) write_withheld(now);
    if (gate_.admit(event.name, now)) write(event);
}

void Log::tell_withheld() {
    const Instant now = clock_.now();
    const std::lock_guard lock{mutex_};
    write_withheld(now);
}

void Log::write(const Event& event) {
    const WallTime now = clock_.wall_now();
    writer_->write(settings_.format == LogFormat::json ? json_line(event, now)
                                                       : text_line(event, now));
}

void Log::write_withheld(Instant now) {
    Event told;
    told.severity = Severity::warning;
    for (const FloodGate::Withheld& withheld : gate_.take_withheld(now)) {
        const std::string detail = "more than 100 events " + withheld.name + " in a second";
        told.name = "log_lines_withheld";
        told.reason = "flood";
        told.detail = detail;
        told.count = withheld.count;
        write(told);
    }
    const std::uint64_t lost = writer_->lost();
    if (lost == lost_told_) return;
    told.name = "log_lines_lost";
    told.reason = "log_queue_full";
    told.detail = "stderr did not take the lines in time";
    told.count = lost - lost_told_;
    write(told);
    lost_told_ = lost;
}

}  // namespace holdfast
