#include "base/password.hpp"

#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

using namespace holdfast;
using namespace test_support;

BOOST_AUTO_TEST_SUITE(password)

BOOST_AUTO_TEST_CASE(a_password_is_known_again_and_no_other_is) {
    CountingBytes random;
    const std::string hash = hash_password("correct horse", random, cheap_password);
    BOOST_TEST(is_password("correct horse", hash));
    for (const char* wrong : {"", "correct horsf", "correct horse ", "Correct horse"}) {
        BOOST_TEST(!is_password(wrong, hash), wrong);
    }
    BOOST_TEST(hash.find("horse") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(the_hash_is_scrypt_as_others_compute_it) {
    // Computed with another implementation (Python's hashlib.scrypt).
    BOOST_TEST(is_password("pleaseletmein",
                           "scrypt:4:1:1:000102030405060708090a0b0c0d0e0f:"
                           "a5c3eae270fffa208ff24daa81487d76be75b6fb909b2035684147a553f76e8e"));
}

BOOST_AUTO_TEST_CASE(one_password_has_many_hashes) {
    CountingBytes random;
    BOOST_TEST(hash_password("x", random, cheap_password) !=
               hash_password("x", random, cheap_password));
}

BOOST_AUTO_TEST_CASE(the_default_cost_is_written_and_works) {
    CountingBytes random;
    const std::string hash = hash_password("x", random);
    BOOST_TEST(hash.starts_with("scrypt:15:8:1:"), hash);
    BOOST_TEST(is_password("x", hash));
}

BOOST_AUTO_TEST_CASE(what_is_no_hash_knows_no_password) {
    CountingBytes random;
    const std::string hash = hash_password("x", random, cheap_password);
    const std::string tail = hash.substr(std::string{"scrypt:4:1:1"}.size());
    for (const std::string& wrong :
         {std::string{}, std::string{"x"}, "scrypt:0:1:1" + tail, "scrypt:18:1:1" + tail,
          "scrypt:4:9:1" + tail, "scrypt:4:1:5" + tail, "scrypt:-4:1:1" + tail,
          "scrypt:4x:1:1" + tail, "md5:4:1:1" + tail, hash + ":", hash.substr(0, hash.size() - 1),
          std::string{"scrypt:4:1:1:00:"}, std::string{"scrypt:4:1:1"}}) {
        BOOST_TEST(!is_password("x", wrong), wrong);
    }
    BOOST_TEST(is_password("x", "scrypt:4:1:1" + tail));
}

BOOST_AUTO_TEST_CASE(a_password_may_have_its_maximum_and_not_more) {
    CountingBytes random;
    const std::string longest(password_bytes_max, 'x');
    const std::string hash = hash_password(longest, random, cheap_password);
    BOOST_TEST(is_password(longest, hash));
    BOOST_TEST(!is_password(longest + "x", hash));
}

BOOST_AUTO_TEST_CASE(nobody_has_a_password) {
    BOOST_TEST(!is_password("", hash_of_nobody(cheap_password)));
    BOOST_TEST(hash_of_nobody().starts_with("scrypt:15:8:1:"));
}

BOOST_AUTO_TEST_SUITE_END()
