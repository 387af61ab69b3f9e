#include "access/password_hash.hpp"

#include "base/password.hpp"
#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;
using test_support::cheap_password;
using test_support::CountingBytes;

namespace {

// Written by mosquitto_passwd 2.0.
const std::string mosquitto_7 =
    "$7$101$6/+qEtzTXhTjUGfZ$b7eKBySzRgHC+wwW7acYvq0yGgTfPO1Ld+WjVKPufsxHvVMYtXz5yD/"
    "342acnWeb5eb9jauyZC"
    "cphw+rvX9lQw==";
const std::string mosquitto_6 =
    "$6$XZhwt6l90vrlkhSj$lcRjSvSdAA3GMPqTMW4E8u9bbIy9GJXza3h1uDxUIqxjOM4FQhPqnq4V6J9EQyUQb/"
    "9E8ce8lwocgPJY"
    "fDbGBQ==";

std::string own() {
    CountingBytes random;
    return hash_password("correct horse", random, cheap_password);
}

}  // namespace

BOOST_AUTO_TEST_SUITE(password_hash)

BOOST_AUTO_TEST_CASE(every_form_knows_its_password_and_no_other) {
    for (const auto& [text, password] :
         {std::pair{own(), "correct horse"}, std::pair{mosquitto_7, "correct horse"},
          std::pair{mosquitto_6, "battery staple"}}) {
        const auto hash = PasswordHash::parse(text);
        BOOST_TEST_REQUIRE(hash.has_value(), text);
        BOOST_TEST(hash->matches(password));
        BOOST_TEST(hash->text() == text);
        for (const char* const wrong : {"", "correct", "battery staple ", "Correct horse"}) {
            BOOST_TEST(!hash->matches(wrong), wrong);
        }
    }
}

BOOST_AUTO_TEST_CASE(a_decoy_costs_as_much_and_knows_nobody) {
    for (const std::string& text : {own(), mosquitto_7, mosquitto_6}) {
        const PasswordHash hash = *PasswordHash::parse(text);
        const PasswordHash decoy = hash.decoy();
        BOOST_TEST(decoy.cost() == hash.cost());
        for (const char* const password : {"", "correct horse", "battery staple"}) {
            BOOST_TEST(!decoy.matches(password));
        }
    }
}

BOOST_AUTO_TEST_CASE(any_bytes_may_be_a_password) {
    CountingBytes random;
    const std::string password{"a\0\xFF\n", 4};
    const auto hash = PasswordHash::parse(hash_password(password, random, cheap_password));
    BOOST_TEST_REQUIRE(hash.has_value());
    BOOST_TEST(hash->matches(password));
    BOOST_TEST(!hash->matches("a"));
    BOOST_TEST(!hash->matches(std::string(password_bytes_max + 1, 'x')));
}

BOOST_AUTO_TEST_CASE(what_is_none_of_the_forms_is_refused) {
    for (const std::string& text :
         {std::string{}, std::string{"secret"}, std::string{"$7$"}, std::string{"$6$"},
          std::string{"$6$$"}, std::string{"$6$AAAA$AAAA"}, "$7$0" + mosquitto_7.substr(6),
          "$7$1000001" + mosquitto_7.substr(6), "$7$-1" + mosquitto_7.substr(6),
          "$7$" + mosquitto_6.substr(3), "$5$" + mosquitto_6.substr(3), mosquitto_6 + "=",
          mosquitto_6 + "A", mosquitto_6.substr(0, mosquitto_6.size() - 1),
          mosquitto_6.substr(0, 30) + "*" + mosquitto_6.substr(31), own() + "0",
          own().substr(0, own().size() - 1)}) {
        BOOST_TEST(!PasswordHash::parse(text), text);
    }
}

BOOST_AUTO_TEST_SUITE_END()
