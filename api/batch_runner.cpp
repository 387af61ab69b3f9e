#include "api/batch_runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <utility>

// g++ 12 takes the frames of coroutines, which Asio allocates and frees by itself, for mismatched.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"

namespace holdfast::api {

namespace {

using boost::asio::awaitable;
using store::DocumentKind;

/// After the catalogue could not keep something.
constexpr Seconds keep_pause{1};
/// Between two times that changes are kept although there are few.
constexpr Milliseconds keep_interval{250};
constexpr std::string_view device_exists = "IOTDA.014031";

/// Devices whose row names no resource space are of the task's.
std::vector<std::string> rows_of(const BatchTask& task) {
    std::vector<std::string> rows;
    if (task.rows.empty()) return rows;
    boost::json::value parsed = boost::json::parse(task.rows);
    for (boost::json::value& row : parsed.as_array()) {
        row.as_object().emplace("app_id", task.app_id);  // unless it is there
        rows.push_back(boost::json::serialize(row));
    }
    return rows;
}

}  // namespace

struct BatchRunner::Active {
    BatchTask task;
    BatchRun run;
    std::vector<std::string> rows;
    bool is_resumed = false;  ///< an earlier process has worked on it
    bool is_keeping = false;
    bool is_finishing = false;
    WallTime keep_after{};
    WallTime kept_at{};

    /// Many at once; but what has become of targets is not long unknown to who starts after a crash.
    [[nodiscard]] bool is_worth_keeping(WallTime now, std::size_t changes_per_write) const {
        if (run.changes() == 0) return false;
        return run.changes() >= changes_per_write || run.in_progress() == 0 ||
               now - kept_at >= keep_interval || now < kept_at;
    }
    [[nodiscard]] BatchTask shown() const {
        BatchTask now = task;
        now.progress = run.progress();
        return now;
    }
};

BatchRunner::BatchRunner(Context context)
    : context_(std::move(context)),
      catalogue_(context_.catalogue, context_.executor),
      inner_(context_.routes, context_.project_id) {}

BatchRunner::~BatchRunner() = default;

void BatchRunner::start() { boost::asio::co_spawn(context_.loop, resume(), boost::asio::detached); }

BatchRunner::Place BatchRunner::reserve() {
    const auto reserved = static_cast<std::size_t>(places_.use_count() - 1);
    if (active_.size() + reserved >= batch_tasks_active_max) return nullptr;
    return places_;
}

BatchRunner::ActivePtr BatchRunner::add(BatchTask task, std::vector<BatchTarget> targets,
                                        bool is_resumed) {
    std::vector<std::string> rows = rows_of(task);
    task.rows.clear();
    const std::string task_id = task.task_id;
    BatchRun run{task.policy, std::move(targets), is_repeatable(task.type)};
    auto active = std::make_shared<Active>(
        Active{std::move(task), std::move(run), std::move(rows), is_resumed});
    active_.insert_or_assign(task_id, active);
    schedule_pump();
    return active;
}

void BatchRunner::begin(BatchTask task, std::vector<BatchTarget> targets, Place place) {
    tell(add(std::move(task), std::move(targets), false)->task);
    place.reset();  // the task itself counts from now on
}

std::optional<BatchTask> BatchRunner::find(std::string_view task_id) const {
    const auto found = active_.find(task_id);
    if (found == active_.end()) return std::nullopt;
    return found->second->shown();
}

// --- What an earlier process left

awaitable<void> BatchRunner::resume() {
    for (const BatchTaskStatus status : {BatchTaskStatus::initializing, BatchTaskStatus::waiting,
                                         BatchTaskStatus::processing, BatchTaskStatus::stopping}) {
        store::DocumentQuery query;
        query.kind = DocumentKind::batch_task;
        query.body_prefix = body_prefix_of(status);
        query.with_secrets = true;
        query.paging.limit = batch_tasks_max;
        const auto [error, page] = co_await catalogue_.list(std::move(query));
        for (const store::DocumentPtr& document : page.records) co_await resume(document);
    }
    is_ready_ = true;
    for (const auto& done : std::exchange(when_ready_, {})) done();
}

void BatchRunner::when_ready(std::function<void()> done) {
    if (is_ready_) return done();
    when_ready_.push_back(std::move(done));
}

awaitable<void> BatchRunner::resume(store::DocumentPtr document) {
    BatchTask task = batch_task_of(*document);
    if (task.status == BatchTaskStatus::initializing) {
        // Nobody was told of it.
        static_cast<void>(co_await catalogue_.remove(DocumentKind::batch_task, task.task_id));
        co_return;
    }
    auto [error, targets] = co_await read_batch_targets(catalogue_, task.task_id);
    if (error) co_return;
    const bool is_stopping = task.status == BatchTaskStatus::stopping;
    const ActivePtr active = add(std::move(task), std::move(targets), true);
    if (is_stopping) static_cast<void>(active->run.stop({}));
}

// --- Working

void BatchRunner::on_tick() {
    if (!active_.empty()) schedule_pump();
}

/// Never inside a call: it may come from a turn, and from an answer.
void BatchRunner::schedule_pump() {
    if (std::exchange(is_pump_scheduled_, true)) return;
    boost::asio::post(context_.loop, [this] {
        is_pump_scheduled_ = false;
        pump();
    });
}

void BatchRunner::pump() {
    const std::size_t share = context_.in_flight_max / std::max<std::size_t>(1, active_.size());
    for (const auto& [task_id, active] : active_) {
        const std::size_t room = context_.in_flight_max - in_flight_;
        pump(active, std::min(room, std::max<std::size_t>(1, share)));
    }
}

void BatchRunner::pump(const ActivePtr& active, std::size_t count_max) {
    const WallTime now = context_.clock.wall_now();
    const std::size_t busy = active->run.in_progress();
    const std::vector<std::size_t> due =
        active->run.take_due(now, count_max - std::min(count_max, busy));
    if (!due.empty() && active->task.status == BatchTaskStatus::waiting) {
        active->task.status = BatchTaskStatus::processing;
        tell(active->task);
    }
    in_flight_ += due.size();
    for (const std::size_t index : due) {
        boost::asio::co_spawn(context_.loop, work_on(active, index), boost::asio::detached);
    }
    if (active->is_keeping || now < active->keep_after) return;
    if (active->is_worth_keeping(now, context_.changes_per_write)) {
        boost::asio::co_spawn(context_.loop, keep_some(active), boost::asio::detached);
    } else if (active->run.is_over() && !active->is_finishing) {
        boost::asio::co_spawn(context_.loop, finish(active), boost::asio::detached);
    }
}

awaitable<void> BatchRunner::work_on(ActivePtr active, std::size_t index) {
    // Others first, single requests among them.
    co_await boost::asio::post(context_.loop, boost::asio::use_awaitable);
    BatchOutcome outcome = co_await carry_out(active, index);
    --in_flight_;
    active->run.on_outcome(index, std::move(outcome), context_.clock.wall_now());
    schedule_pump();
}

awaitable<BatchOutcome> BatchRunner::carry_out(ActivePtr active, std::size_t index) {
    const BatchTarget target = active->run.target(index);
    const bool may_begin = is_repeatable(active->task.type) || co_await keep_begin(active, index);
    if (!may_begin) co_return BatchOutcome{BatchOutcome::Kind::busy, {}, {}, {}};
    InnerRequest request = request_of(active->task, target, active->rows);
    const Response answer = co_await inner_.ask(std::move(request));
    BatchOutcome outcome = outcome_of(active->task, answer, active->is_resumed);
    const bool is_perhaps_ours = active->is_resumed && outcome.error_code == device_exists &&
                                 active->task.type == BatchTaskType::create_devices;
    if (!is_perhaps_ours) co_return outcome;
    // With a name: g++ 12 destroys braces within an await twice.
    InnerRequest look{http::verb::get, "/devices/" + target.target, {}};
    const Response shown = co_await inner_.ask(std::move(look));
    if (!is_made_by(active->task, active->rows.at(*target.row), shown)) co_return outcome;
    co_return outcome_of(active->task, shown, true);
}

// --- Keeping

/// That it is being worked on, of a target that must not be worked on twice.
awaitable<bool> BatchRunner::keep_begin(ActivePtr active, std::size_t index) {
    std::vector<store::Link> links{link_of(active->task.task_id, active->run.target(index))};
    const std::error_code error = co_await catalogue_.put_links(std::move(links));
    co_return !error;
}

awaitable<bool> BatchRunner::keep_changes(ActivePtr active, std::size_t count) {
    const std::vector<std::size_t> indexes = active->run.take_changes(count);
    std::vector<store::Link> links;
    links.reserve(indexes.size());
    for (const std::size_t index : indexes) {
        links.push_back(link_of(active->task.task_id, active->run.target(index)));
    }
    const std::error_code error = co_await catalogue_.put_links(std::move(links));
    active->run.on_kept(indexes, !error);
    co_return !error;
}

awaitable<void> BatchRunner::keep_some(ActivePtr active) {
    active->is_keeping = true;
    const bool was_kept = co_await keep_changes(active, context_.changes_per_write);
    active->is_keeping = false;
    active->kept_at = context_.clock.wall_now();
    if (!was_kept) active->keep_after = context_.clock.wall_now() + keep_pause;
    schedule_pump();
}

awaitable<std::error_code> BatchRunner::keep(BatchTask task) const {
    const bool needs_rows = task.status != BatchTaskStatus::success;
    const auto change = [body = document_of(task).body, needs_rows](store::Document& document) {
        document.body = body;
        if (!needs_rows) document.secret.clear();
        return std::error_code{};
    };
    const auto [error, kept] =
        co_await catalogue_.change(DocumentKind::batch_task, task.task_id, change);
    co_return error;
}

awaitable<void> BatchRunner::finish(ActivePtr active) {
    active->is_finishing = true;
    BatchTask over = active->shown();
    over.status = final_status(over.progress);
    const std::error_code error = co_await keep(over);
    active->is_finishing = false;
    if (error && error != store::CatalogueError::not_found) {
        active->keep_after = context_.clock.wall_now() + keep_pause;
        co_return;
    }
    // Somebody may have asked to try again meanwhile: then it goes on, and is over once more.
    if (!active->run.is_over()) {
        active->task.status = BatchTaskStatus::processing;
        static_cast<void>(co_await keep(active->shown()));
        co_return schedule_pump();
    }
    active_.erase(over.task_id);
    tell(over);
}

awaitable<BatchRunner::Obeyed> BatchRunner::order(std::string task_id, Order what,
                                                  std::vector<std::string> targets) {
    const auto found = active_.find(task_id);
    if (found == active_.end()) co_return Obeyed::no_such_target;
    const ActivePtr active = found->second;
    const bool is_known =
        what == Order::stop ? active->run.stop(targets) : active->run.retry(targets);
    if (!is_known) co_return Obeyed::no_such_target;
    if (what == Order::stop && targets.empty()) {
        active->task.status = BatchTaskStatus::stopping;
        if (co_await keep(active->shown())) co_return Obeyed::not_kept;
    }
    while (active->run.has_unkept()) {
        const bool is_others = active->run.changes() == 0;  // then somebody else is keeping them
        if (is_others) {
            co_await boost::asio::post(context_.loop, boost::asio::use_awaitable);
        } else if (!co_await keep_changes(active, context_.changes_per_write)) {
            co_return Obeyed::not_kept;
        }
    }
    schedule_pump();
    co_return Obeyed::yes;
}

void BatchRunner::tell(const BatchTask& task) {
    constexpr auto kind = PlatformEventKind::batch_task_updated;
    if (context_.events == nullptr || !context_.events->wants(kind)) return;
    PlatformEvent event;
    event.kind = kind;
    event.subject.app_id = task.app_id;
    event.at = context_.clock.wall_now();
    event.body = boost::json::serialize(boost::json::object{{"task_id", task.task_id},
                                                            {"task_type", to_string(task.type)},
                                                            {"app_id", task.app_id},
                                                            {"status", to_string(task.status)},
                                                            {"status_desc", ""}});
    context_.events->on_platform_event(std::move(event));
}

// --- Targets in the catalogue

Awaited<std::vector<BatchTarget>> read_batch_targets(AwaitedCatalogue catalogue,
                                                     std::string task_id) {
    constexpr std::size_t targets_per_page = 1'000;
    std::vector<BatchTarget> targets;
    store::LinkQuery query;
    query.kind = store::LinkKind::task_target;
    query.source = task_id;
    query.paging.limit = targets_per_page;
    while (true) {
        const auto [error, page] = co_await catalogue.list_links(query);
        if (error) co_return std::tuple{error, std::move(targets)};
        if (page.records.empty()) co_return std::tuple{std::error_code{}, std::move(targets)};
        for (const store::Link& link : page.records) targets.push_back(batch_target_of(link));
        query.paging.marker = page.marker;
    }
}

/// The last one first: pages begin with what was put last.
awaitable<std::error_code> keep_batch_targets(AwaitedCatalogue catalogue, std::string task_id,
                                              std::vector<BatchTarget> targets) {
    constexpr std::size_t targets_per_write = 1'000;
    std::vector<store::Link> links;
    while (!targets.empty()) {
        links.push_back(link_of(task_id, targets.back()));
        targets.pop_back();
        if (links.size() < targets_per_write && !targets.empty()) continue;
        const std::error_code error = co_await catalogue.put_links(std::exchange(links, {}));
        if (error) co_return error;
    }
    co_return std::error_code{};
}

}  // namespace holdfast::api
