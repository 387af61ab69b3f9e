#pragma once
// PasswordWorker: the thread that hashes passwords and compares them with their hashes, because that is made
// to be slow and would keep a shard's connections waiting. One at a time: guessing gets no more of the CPU.
// Threads: verify() by any; the answer comes to the handler's own. Lifetime: ends when the loops of those
// who ask have stopped and before they are destroyed; its destructor waits for the comparison that runs.

#include "base/environment.hpp"
#include "base/password.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/thread_pool.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace holdfast::api {

enum class PasswordVerdict : std::uint8_t {
    right,
    wrong,
    busy,  ///< too many wait: nothing was compared
};

class PasswordWorker {
public:
    /// At once, the one that runs included; about 100 ms each.
    static constexpr std::size_t comparisons_max = 16;

    PasswordWorker() = default;
    ~PasswordWorker();
    PasswordWorker(const PasswordWorker&) = delete;
    PasswordWorker& operator=(const PasswordWorker&) = delete;

    [[nodiscard]] boost::asio::awaitable<PasswordVerdict> verify(std::string password,
                                                                 std::string hash);
    /// Empty: too many wait, nothing was hashed. `random` outlives the worker.
    [[nodiscard]] boost::asio::awaitable<std::optional<std::string>> hash(std::string password,
                                                                          Random& random,
                                                                          PasswordCost cost);

private:
    std::atomic<std::size_t> waiting_{0};
    boost::asio::thread_pool thread_{1};
};

}  // namespace holdfast::api
