#include "api/push_certificate.hpp"

#include "unit/api/certificates.hpp"

#include <boost/json/serialize.hpp>
#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::api;
namespace json = boost::json;

namespace {

constexpr WallTime in_2026{std::chrono::sys_days{std::chrono::year{2026} / 6 / 1}};

ReadFields<PushCertificate> read(const std::string& content, WallTime now = in_2026) {
    return read_new_certificate(json::object{{"content", content}}, now);
}

std::string problem(const ReadFields<PushCertificate>& read) {
    return read ? "" : to_string(read.error());
}

}  // namespace

BOOST_AUTO_TEST_SUITE(push_certificate)

BOOST_AUTO_TEST_CASE(an_authority_is_shown_with_its_name_and_times_and_without_its_text) {
    auto certificate =
        read_new_certificate(json::object{{"content", plant_authority}, {"app_id", "a1"}}, in_2026);
    BOOST_TEST_REQUIRE(certificate.has_value());
    certificate->certificate_id = "7";
    BOOST_TEST(json::serialize(certificate_json(*certificate)) ==
               R"({"certificate_id":"7","cn_name":"Plant authority",)"
               R"("create_date":"20260601T000000Z","effective_date":"20250101T000000Z",)"
               R"("expiry_date":"21250101T000000Z","app_id":"a1"})");
}

BOOST_AUTO_TEST_CASE(it_comes_back_from_its_document_also_when_it_has_expired) {
    const auto certificate =
        read(expired_authority, WallTime{std::chrono::sys_days{std::chrono::year{2020} / 2 / 1}});
    BOOST_TEST_REQUIRE(certificate.has_value());
    const auto kept = certificate_of(document_of(*certificate));
    BOOST_TEST_REQUIRE(kept.has_value());
    BOOST_TEST(certificate_json(*kept) == certificate_json(*certificate));
    BOOST_TEST(kept->pem == expired_authority);
    BOOST_TEST((kept->expires_at < in_2026));
    BOOST_TEST(!certificate_of({.body = "{}"}).has_value());
    BOOST_TEST(!certificate_of({.body = "x"}).has_value());
}

BOOST_AUTO_TEST_CASE(several_authorities_last_as_long_as_the_last_of_them) {
    const auto certificate =
        read(std::string{successor_authority} + "some words\n" + plant_authority);
    BOOST_TEST_REQUIRE(certificate.has_value());
    BOOST_TEST(certificate->cn_name == "Successor");
    BOOST_TEST((certificate->expires_at ==
                WallTime{std::chrono::sys_days{std::chrono::year{2125} / 1 / 1}}));
    std::string many;
    for (std::size_t i = 0; i < certificate_authorities_max; ++i) many += plant_authority;
    BOOST_TEST(problem(read(many)) == "");
    BOOST_TEST(problem(read(many + plant_authority)) == "content must be at most 10 certificates");
}

BOOST_AUTO_TEST_CASE(what_is_no_valid_authority_is_refused_with_a_sentence_and_not_shown) {
    for (const auto& [content, said] :
         {std::pair<std::string, std::string>{"", "content must be"},
          {"hello", "content must be certificates in PEM form"},
          {"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "PEM form"},
          {std::string{plant_authority}.substr(0, 200), "PEM form"},
          {std::string{plant_authority} + "-----BEGIN CERTIFICATE-----\nAAAA\n", "PEM form"},
          {receiver_certificate, "CA:TRUE"},
          {std::string{plant_authority} + "-----BEGIN PRIVATE KEY-----\nMIG\n", "no private key"},
          {expired_authority, "it expired at 20210101T000000Z"}}) {
        const std::string told = problem(read(content));
        BOOST_TEST(told.find(said) != std::string::npos, told);
        BOOST_TEST(told.find("MI") == std::string::npos, told);
    }
    BOOST_TEST(problem(read_new_certificate(json::object{}, in_2026)) == "content must be there");
    const std::string filled =
        std::string{plant_authority} + std::string(certificate_bytes_max, ' ');
    BOOST_TEST(problem(read(filled)).find("65536") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(another_text_takes_the_place_and_the_rest_stays) {
    auto certificate = read(plant_authority);
    certificate->certificate_id = "7";
    certificate->app_id = "a1";
    const auto changed = read_certificate_update(json::object{{"content", successor_authority}},
                                                 *certificate, in_2026 + Seconds{60});
    BOOST_TEST_REQUIRE(changed.has_value());
    BOOST_TEST(changed->cn_name == "Successor");
    BOOST_TEST(changed->certificate_id == "7");
    BOOST_TEST(changed->app_id == "a1");
    BOOST_TEST((changed->created_at == in_2026));
    BOOST_TEST(!read_certificate_update(json::object{}, *certificate, in_2026).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
