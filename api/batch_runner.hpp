#pragma once
// BatchRunner: works on batch tasks: begins what BatchRun says, keeps what has become of targets in the
// catalogue, many at once, and goes on after a start with the tasks that were not over.
// It lets single requests go first: few targets are worked on at a time, each a turn of the event loop of
// its own.
// Threads: the HTTP side's. Lifetime: everything of the context outlives it; it outlives the loop's last
// turn.

#include "api/awaited_catalogue.hpp"
#include "api/batch_requests.hpp"
#include "api/batch_run.hpp"
#include "api/batch_task.hpp"
#include "api/inner_request.hpp"
#include "api/platform_event.hpp"
#include "api/routes.hpp"
#include "base/environment.hpp"
#include "store/catalogue.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::api {

/// Tasks that are not over: their targets are in memory.
inline constexpr std::size_t batch_tasks_active_max = 10;

class BatchRunner {
public:
    struct Context {
        const Routes& routes;
        store::Catalogue& catalogue;
        store::Executor& executor;
        boost::asio::any_io_executor loop;  ///< of the same thread
        const Clock& clock;
        PlatformEventSink* events = nullptr;  ///< null: nobody wants them
        std::string project_id;
        std::size_t in_flight_max = 32;
        std::size_t changes_per_write = 500;
    };
    explicit BatchRunner(Context context);
    ~BatchRunner();
    BatchRunner(const BatchRunner&) = delete;
    BatchRunner& operator=(const BatchRunner&) = delete;

    /// Goes on with what an earlier process left; once, when the loop is about to run.
    void start();
    /// Begins what is due, keeps what has changed. Often.
    void on_tick();

    /// Calls `done` as soon as it is known what an earlier process left; perhaps inside the call.
    void when_ready(std::function<void()> done);
    /// A place among the tasks that are not over, until it is destroyed; null: as many as are allowed are
    /// not.
    using Place = std::shared_ptr<const void>;
    [[nodiscard]] Place reserve();
    /// The task and its targets are durable; `place` was reserved for it.
    void begin(BatchTask task, std::vector<BatchTarget> targets, Place place);
    /// Keeps its status and progress.
    [[nodiscard]] boost::asio::awaitable<std::error_code> keep(BatchTask task) const;

    /// As it is at this moment; none: it is over, or unknown.
    [[nodiscard]] std::optional<BatchTask> find(std::string_view task_id) const;

    enum class Order : bool { stop, retry };
    enum class Obeyed : std::uint8_t { yes, no_such_target, not_kept };
    /// Of a task that is not over; durable when it is answered. Without targets: of all.
    [[nodiscard]] boost::asio::awaitable<Obeyed> order(std::string task_id, Order order,
                                                       std::vector<std::string> targets);

private:
    struct Active;
    using ActivePtr = std::shared_ptr<Active>;

    [[nodiscard]] boost::asio::awaitable<void> resume();
    [[nodiscard]] boost::asio::awaitable<void> resume(store::DocumentPtr document);
    void schedule_pump();
    void pump();
    void pump(const ActivePtr& active, std::size_t count_max);
    ActivePtr add(BatchTask task, std::vector<BatchTarget> targets, bool is_resumed);
    [[nodiscard]] boost::asio::awaitable<void> work_on(ActivePtr active, std::size_t index);
    [[nodiscard]] boost::asio::awaitable<BatchOutcome> carry_out(ActivePtr active,
                                                                 std::size_t index);
    [[nodiscard]] boost::asio::awaitable<bool> keep_begin(ActivePtr active, std::size_t index);
    [[nodiscard]] boost::asio::awaitable<bool> keep_changes(ActivePtr active, std::size_t count);
    [[nodiscard]] boost::asio::awaitable<void> keep_some(ActivePtr active);
    [[nodiscard]] boost::asio::awaitable<void> finish(ActivePtr active);
    void tell(const BatchTask& task);

    const Context context_;
    const AwaitedCatalogue catalogue_;
    const InnerRequests inner_;
    std::map<std::string, ActivePtr, std::less<>> active_;
    const std::shared_ptr<const int> places_ =
        std::make_shared<const int>();  ///< one share for each
    std::size_t in_flight_ = 0;
    bool is_pump_scheduled_ = false;
    bool is_ready_ = false;
    std::vector<std::function<void()>> when_ready_;
};

/// The targets that the catalogue has of a task, in their order.
[[nodiscard]] Awaited<std::vector<BatchTarget>> read_batch_targets(AwaitedCatalogue catalogue,
                                                                   std::string task_id);
/// Keeps them, in this order, a part at a time.
[[nodiscard]] boost::asio::awaitable<std::error_code> keep_batch_targets(
    AwaitedCatalogue catalogue, std::string task_id, std::vector<BatchTarget> targets);

}  // namespace holdfast::api
