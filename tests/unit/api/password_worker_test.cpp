#include "api/password_worker.hpp"

#include "unit/api/api_world.hpp"

#include <boost/test/unit_test.hpp>

#include <vector>

using namespace holdfast::api;

BOOST_AUTO_TEST_SUITE(password_worker)

BOOST_AUTO_TEST_CASE(right_and_wrong_come_back_to_who_asked) {
    CountingBytes random;
    const std::string hash = hash_password("x", random, cheap_password);
    boost::asio::io_context loop;  // outlives the worker, as a shard's does
    PasswordWorker worker;
    auto right = boost::asio::co_spawn(loop, worker.verify("x", hash), boost::asio::use_future);
    auto wrong = boost::asio::co_spawn(loop, worker.verify("y", hash), boost::asio::use_future);
    loop.run();
    BOOST_TEST((right.get() == PasswordVerdict::right));
    BOOST_TEST((wrong.get() == PasswordVerdict::wrong));
}

BOOST_AUTO_TEST_CASE(its_maximum_may_wait_and_one_more_is_told_so) {
    CountingBytes random;
    const std::string hash = hash_password("x", random, cheap_password);
    boost::asio::io_context loop;  // outlives the worker, as a shard's does
    PasswordWorker worker;
    std::vector<std::future<PasswordVerdict>> answers;
    // All begin before the loop takes the first answer.
    for (std::size_t i = 0; i <= PasswordWorker::comparisons_max; ++i) {
        answers.push_back(
            boost::asio::co_spawn(loop, worker.verify("x", hash), boost::asio::use_future));
    }
    loop.run();
    for (std::size_t i = 0; i < PasswordWorker::comparisons_max; ++i) {
        BOOST_TEST((answers[i].get() == PasswordVerdict::right));
    }
    BOOST_TEST((answers.back().get() == PasswordVerdict::busy));
    loop.restart();
    auto later = boost::asio::co_spawn(loop, worker.verify("x", hash), boost::asio::use_future);
    loop.run();
    BOOST_TEST((later.get() == PasswordVerdict::right));
}

BOOST_AUTO_TEST_CASE(a_password_is_hashed_where_others_are_compared) {
    CountingBytes random;
    boost::asio::io_context loop;  // outlives the worker, as a shard's does
    PasswordWorker worker;
    auto hashed =
        boost::asio::co_spawn(loop, worker.hash("x", random, cheap_password), boost::asio::use_future);
    loop.run();
    BOOST_TEST(holdfast::is_password("x", hashed.get().value()));
}

BOOST_AUTO_TEST_SUITE_END()
