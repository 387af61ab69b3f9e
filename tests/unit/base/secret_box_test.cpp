#include "base/secret_box.hpp"

#include <boost/test/unit_test.hpp>

#include <set>
#include <string>

namespace {

using namespace holdfast;

struct Boxes {
    SystemRandom random;
    SecretBox box{SecretBox::Key{1, 2, 3}, random};
    SecretBox other{SecretBox::Key{1, 2, 4}, random};
};

}  // namespace

BOOST_FIXTURE_TEST_SUITE(secret_box, Boxes)

BOOST_AUTO_TEST_CASE(what_was_sealed_for_a_place_is_opened_there) {
    for (const std::string& secret :
         {std::string{}, std::string{"12345678"}, std::string(300, 'x'), std::string{"a\0b", 3}}) {
        const std::string sealed = box.seal(secret, "here");
        BOOST_TEST(sealed.size() == 2 + 2 * (12 + secret.size() + 16));
        BOOST_TEST(box.open(sealed, "here").value() == secret);
    }
    BOOST_TEST(box.seal("12345678", "here").find("12345678") == std::string::npos);
}

BOOST_AUTO_TEST_CASE(it_is_opened_nowhere_else_and_with_no_other_key) {
    const std::string sealed = box.seal("12345678", "here");
    BOOST_TEST(!box.open(sealed, "there").has_value());
    BOOST_TEST(!box.open(sealed, "").has_value());
    BOOST_TEST(!other.open(sealed, "here").has_value());
}

BOOST_AUTO_TEST_CASE(a_change_of_any_digit_is_noticed) {
    const std::string sealed = box.seal("12345678", "here");
    for (std::size_t at = 0; at < sealed.size(); ++at) {
        std::string changed = sealed;
        changed[at] = changed[at] == '0' ? '1' : '0';
        BOOST_TEST(!box.open(changed, "here").has_value(), at);
        BOOST_TEST(!box.open(sealed.substr(0, at), "here").has_value(), at);
    }
    BOOST_TEST(!box.open(sealed + "00", "here").has_value());
    BOOST_TEST(!box.open("12345678", "here").has_value());
    BOOST_TEST(!box.open("1:", "here").has_value());
}

BOOST_AUTO_TEST_CASE(one_secret_looks_different_each_time) {
    std::set<std::string> seen;
    for (int times = 0; times < 100; ++times) seen.insert(box.seal("same", "here").substr(0, 26));
    BOOST_TEST(seen.size() == 100U);
}

BOOST_AUTO_TEST_SUITE_END()
