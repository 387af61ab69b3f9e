#include "access/verified_passwords.hpp"

#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace holdfast::access;

namespace {

struct Fixture {
    test_support::CountingBytes random;
    VerifiedPasswords verified{random};
    Instant now{Seconds{1'000}};
};

}  // namespace

BOOST_AUTO_TEST_SUITE(verified_passwords)

BOOST_FIXTURE_TEST_CASE(what_was_right_is_known_for_a_while, Fixture) {
    const auto digest = verified.digest_of("alice", "secret", "hash");
    BOOST_TEST(!verified.contains(digest, now));
    verified.insert(digest, now);
    BOOST_TEST(verified.contains(digest, now));
    BOOST_TEST(verified.contains(digest, now + VerifiedPasswords::lifetime - Seconds{1}));
    BOOST_TEST(!verified.contains(digest, now + VerifiedPasswords::lifetime));
}

BOOST_FIXTURE_TEST_CASE(user_password_and_hash_are_all_part_of_it, Fixture) {
    verified.insert(verified.digest_of("alice", "secret", "hash"), now);
    BOOST_TEST(!verified.contains(verified.digest_of("alice", "secret", "other"), now));
    BOOST_TEST(!verified.contains(verified.digest_of("alice", "secre", "thash"), now));
    BOOST_TEST(!verified.contains(verified.digest_of("alices", "ecret", "hash"), now));
    test_support::CountingBytes same;
    static_cast<void>(VerifiedPasswords{same});  // uses up the first key
    const VerifiedPasswords other{same};
    BOOST_TEST((other.digest_of("alice", "secret", "hash") !=
                verified.digest_of("alice", "secret", "hash")));
}

BOOST_FIXTURE_TEST_CASE(it_has_a_bound, Fixture) {
    for (std::size_t i = 0; i < VerifiedPasswords::entries_max; ++i) {
        verified.insert(verified.digest_of(std::to_string(i), "", ""), now);
    }
    BOOST_TEST(verified.size() == VerifiedPasswords::entries_max);
    const auto digest = verified.digest_of("one more", "", "");
    verified.insert(digest, now);
    BOOST_TEST(verified.size() == 1U);
    BOOST_TEST(verified.contains(digest, now));
}

BOOST_AUTO_TEST_SUITE_END()
