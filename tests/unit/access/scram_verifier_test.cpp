#include "access/scram_verifier.hpp"

#include "support/counting_bytes.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;

BOOST_AUTO_TEST_SUITE(scram_verifier)

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
    test_support::CountingBytes random;
    const ScramVerifier verifier = new_scram_verifier("pencil", random, 4'096);
    BOOST_TEST(verifier.text().starts_with("scram-sha-256:4096:"));
    BOOST_TEST((ScramVerifier::parse(verifier.text()) == verifier));
    BOOST_TEST((verifier == ScramVerifier::of_password("pencil", verifier.salt, 4'096)));
    BOOST_TEST((verifier != ScramVerifier::of_password("Pencil", verifier.salt, 4'096)));
    BOOST_TEST((verifier != ScramVerifier::of_password("pencil", verifier.salt, 4'097)));
    BOOST_TEST((new_scram_verifier("pencil", random, 4'096).salt != verifier.salt));
}

BOOST_AUTO_TEST_CASE(what_is_no_verifier_is_refused) {
    const std::string salt(32, 'a');
    const std::string key(64, 'b');
    const auto text = [&](const std::string& iterations) {
        return "scram-sha-256:" + iterations + ":" + salt + ":" + key + ":" + key;
    };
    BOOST_TEST(ScramVerifier::parse(text("4096")).has_value());
    BOOST_TEST(ScramVerifier::parse(text("1000000")).has_value());
    for (const char* iterations : {"4095", "1000001", "", "-1", "4096 ", "5000x"}) {
        BOOST_TEST(!ScramVerifier::parse(text(iterations)).has_value(), iterations);
    }
    BOOST_TEST(!ScramVerifier::parse("").has_value());
    BOOST_TEST(!ScramVerifier::parse(text("4096") + ":").has_value());
    BOOST_TEST(!ScramVerifier::parse(text("4096") + "b").has_value());
    BOOST_TEST(!ScramVerifier::parse("S" + text("4096").substr(1)).has_value());
    BOOST_TEST(!ScramVerifier::parse("scram-sha-256:4096:" + salt + ":" + key).has_value());
    BOOST_TEST(
        !ScramVerifier::parse("scram-sha-256:4096:" + key + ":" + key + ":" + key).has_value());
}

BOOST_AUTO_TEST_CASE(nobody_has_a_verifier_of_each_name_and_secret) {
    const Sha256 secret{1};
    const ScramVerifier nobody = ScramVerifier::of_nobody("eve", secret, 5'000);
    BOOST_TEST(nobody.iterations == 5'000U);
    BOOST_TEST((nobody == ScramVerifier::of_nobody("eve", secret, 5'000)));
    BOOST_TEST((nobody.salt != ScramVerifier::of_nobody("eva", secret, 5'000).salt));
    BOOST_TEST((nobody.salt != ScramVerifier::of_nobody("eve", Sha256{2}, 5'000).salt));
    BOOST_TEST((nobody.stored_key != nobody.server_key));
}

BOOST_AUTO_TEST_CASE(passwords_of_printable_text_are_fit) {
    BOOST_TEST(is_fit_for_scram("correct horse"));
    BOOST_TEST(is_fit_for_scram("gr\xC3\xBC\xC3\x9F"));
    BOOST_TEST(!is_fit_for_scram("a\nb"));
    BOOST_TEST(!is_fit_for_scram("a\x7F"));
    BOOST_TEST(!is_fit_for_scram("\xC3"));
}

BOOST_AUTO_TEST_SUITE_END()
