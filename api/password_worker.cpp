#include "api/password_worker.hpp"

#include "api/await_answer.hpp"

#include <boost/asio/post.hpp>

#include <utility>

namespace holdfast::api {

PasswordWorker::~PasswordWorker() {
    thread_.stop();
    thread_.join();
}

boost::asio::awaitable<PasswordVerdict> PasswordWorker::verify(std::string password,
                                                               std::string hash) {
    if (waiting_.fetch_add(1) >= comparisons_max) {
        waiting_.fetch_sub(1);
        co_return PasswordVerdict::busy;
    }
    const auto compare = [&](auto done) {
        boost::asio::post(thread_, [password = std::move(password), hash = std::move(hash),
                                    done = std::move(done)] {
            done(is_password(password, hash) ? PasswordVerdict::right : PasswordVerdict::wrong);
        });
    };
    const PasswordVerdict verdict = co_await await_answer<PasswordVerdict>(compare);
    waiting_.fetch_sub(1);
    co_return verdict;
}

boost::asio::awaitable<std::optional<std::string>> PasswordWorker::hash(std::string password,
                                                                        Random& random,
                                                                        PasswordCost cost) {
    if (waiting_.fetch_add(1) >= comparisons_max) {
        waiting_.fetch_sub(1);
        co_return std::nullopt;
    }
    const auto compute = [&](auto done) {
        boost::asio::post(thread_,
                          [password = std::move(password), &random, cost, done = std::move(done)] {
                              done(hash_password(password, random, cost));
                          });
    };
    std::string text = co_await await_answer<std::string>(compute);
    waiting_.fetch_sub(1);
    co_return text;
}

}  // namespace holdfast::api
