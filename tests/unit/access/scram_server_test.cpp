#include "access/scram_server.hpp"

#include "support/scram_client.hpp"

#include <boost/test/unit_test.hpp>

#include <string>

using namespace holdfast;
using namespace holdfast::access;
using test_support::ScramClient;

namespace {

constexpr const char* nonce = "servers";

const ScramVerifier& verifier() {
    static const ScramVerifier of_pencil = ScramVerifier::of_password("pencil", {1, 2, 3}, 4'096);
    return of_pencil;
}

/// What is wrong with a first message; else whose it is.
std::string first(const std::string& message) {
    ScramServer server;
    const auto read = server.on_client_first(message);
    return read.has_error() ? std::string{read.error().detail} : "of " + server.user_name();
}

/// What is wrong with a final message of the user "user"; else "right".
std::string final_of(const std::string& message) {
    ScramServer server;
    BOOST_REQUIRE(server.on_client_first("n,,n=user,r=clients").has_value());
    static_cast<void>(server.challenge(verifier(), nonce));
    const auto read = server.on_client_final(message);
    return read.has_error() ? std::string{read.error().detail} : "right";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(scram_server)

BOOST_AUTO_TEST_CASE(the_exchange_of_rfc_7677_comes_out) {
    constexpr std::string_view servers = "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
    ScramSalt salt{};
    std::ranges::copy(from_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(), salt.begin());
    ScramServer server;
    BOOST_TEST_REQUIRE(server.on_client_first("n,,n=user,r=rOprNGfwEbeRWgbNEkqO").has_value());
    BOOST_TEST(server.user_name() == "user");
    BOOST_TEST(server.challenge(ScramVerifier::of_password("pencil", salt, 4'096), servers) ==
               "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,"
               "i=4096");
    const auto last = server.on_client_final(
        "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,"
        "p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=");
    BOOST_TEST_REQUIRE(last.has_value());
    BOOST_TEST(*last == "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
}

BOOST_AUTO_TEST_CASE(the_right_password_is_right_and_another_a_guess) {
    for (const char* header : {"n,,", "y,,", "n,a=user,"}) {
        ScramServer server;
        ScramClient client{"user", "pencil", header};
        BOOST_TEST_REQUIRE(server.on_client_first(client.first()).has_value());
        const auto last =
            server.on_client_final(client.final_message(server.challenge(verifier(), nonce)));
        BOOST_TEST_REQUIRE(last.has_value());
        BOOST_TEST(*last == client.expected());
    }
    ScramServer server;
    ScramClient client{"user", "Pencil"};
    BOOST_TEST_REQUIRE(server.on_client_first(client.first()).has_value());
    const auto guess =
        server.on_client_final(client.final_message(server.challenge(verifier(), nonce)));
    BOOST_TEST_REQUIRE(guess.has_error());
    BOOST_TEST(guess.error().is_wrong_proof);
}

BOOST_AUTO_TEST_CASE(names_have_two_escapes) {
    BOOST_TEST(first("n,,n=a=2Cb=3Dc,r=x") == "of a,b=c");
    BOOST_TEST(first("n,,n=gr\xC3\xBC\xC3\x9F,r=x") == "of gr\xC3\xBC\xC3\x9F");
    BOOST_TEST(first("n,a==3D,n==3D,r=x") == "of =");
    for (const char* name : {"a=2c", "a=", "a=2", "=", "a=20", "a=3d"}) {
        BOOST_TEST(
            first("n,,n=" + std::string{name} + ",r=x").find("no user name") != std::string::npos,
            name);
    }
    for (const char* name : {"", "\xFF", "a\tb"}) {
        BOOST_TEST(first("n,,n=" + std::string{name} + ",r=x").find("no user name") !=
                   std::string::npos);
    }
    BOOST_TEST(first(std::string{"n,,n=a\0b,r=x", 12}).find("no user name") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_first_message_is_as_the_grammar_says) {
    BOOST_TEST(first("n,,n=u,r=x,a=b,z=1") == "of u");
    BOOST_TEST(first("p=tls-unique,,n=u,r=x").find("channel binding") != std::string::npos);
    BOOST_TEST(first("n,a=other,n=u,r=x").find("may not act") != std::string::npos);
    BOOST_TEST(first("n,,m=1,n=u,r=x").find("mandatory") != std::string::npos);
    for (const char* header :
         {"", "n", "n,", "x,,", "N,,", "nn,,", ",,", "n,b=u,", "n,a=,", "n,a=u"}) {
        BOOST_TEST(!first(header).starts_with("of"), header);
        BOOST_TEST(!first(header + std::string{"n=u,r=x"}).starts_with("of"), header);
    }
    for (const char* bare :
         {"n=u", "n=u,", "n=u,r", "n=u,r=", "n=u,r=a b", "n=u,r=\x7F", "r=x,n=u", "u,r=x",
          "n=u,r=x,", "n=u,r=x,m=1", "n=u,r=x,b", "n=u,r=x,1=2", "n=u,r=x,a=", "n=u,r=x,a=b,,"}) {
        BOOST_TEST(!first(std::string{"n,,"} + bare).starts_with("of"), bare);
    }
}

BOOST_AUTO_TEST_CASE(a_message_has_a_maximum) {
    const std::string head = "n,,n=u,r=";
    BOOST_TEST(first(head + std::string(scram_message_bytes_max - head.size(), 'x')) == "of u");
    BOOST_TEST(first(head + std::string(scram_message_bytes_max - head.size() + 1, 'x')) ==
               "a SCRAM message longer than 4096 bytes");
    BOOST_TEST(final_of(std::string(scram_message_bytes_max + 1, 'x')) ==
               "a SCRAM message longer than 4096 bytes");
}

BOOST_AUTO_TEST_CASE(a_final_message_belongs_to_its_exchange) {
    ScramServer server;
    BOOST_TEST_REQUIRE(server.on_client_first("n,,n=user,r=clients").has_value());
    const std::string challenge = server.challenge(verifier(), nonce);
    const std::string right = ScramClient{"user", "pencil"}.final_message(challenge);
    BOOST_TEST(right.starts_with("c=biws,r=clientsservers,p="));
    BOOST_TEST(final_of(right) == "right");
    const std::string extended = ScramClient{"user", "pencil"}.final_message(challenge, ",x=y");
    BOOST_TEST(final_of(extended) == "right");
    const std::string mandatory = ScramClient{"user", "pencil"}.final_message(challenge, ",m=y");
    BOOST_TEST(final_of(mandatory).find("more than it may") != std::string::npos);
    const std::string proof = right.substr(right.find(",p="));
    BOOST_TEST(final_of("c=eSws,r=clientsservers" + proof).find("GS2 header") != std::string::npos);
    BOOST_TEST(final_of("c=,r=clientsservers" + proof).find("GS2 header") != std::string::npos);
    BOOST_TEST(final_of("r=clientsservers" + proof).find("GS2 header") != std::string::npos);
    for (const char* other :
         {"r=clients", "r=clientsservers2", "r=clientsserver", "r=", "x=y", ""}) {
        BOOST_TEST(final_of("c=biws," + std::string{other} + proof).find("another nonce") !=
                       std::string::npos,
                   other);
    }
    BOOST_TEST(final_of("c=biws,r=clientsservers").find("no proof") != std::string::npos);
    for (const char* none : {"", "x", "AAAA", "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ"}) {
        BOOST_TEST(final_of("c=biws,r=clientsservers,p=" + std::string{none}) ==
                       "the proof of a SCRAM message is none",
                   none);
    }
    BOOST_TEST(final_of("c=biws,r=clientsservers," + proof).find("more than it may") !=
               std::string::npos);
    BOOST_TEST(final_of(right + ",x=y") == "the proof of a SCRAM message is none");
}

BOOST_AUTO_TEST_CASE(what_was_right_once_is_not_right_again) {
    ScramServer one;
    BOOST_TEST_REQUIRE(one.on_client_first("n,,n=user,r=clients").has_value());
    const std::string right =
        ScramClient{"user", "pencil"}.final_message(one.challenge(verifier(), "first"));
    BOOST_TEST(one.on_client_final(right).has_value());
    ScramServer two;
    BOOST_TEST_REQUIRE(two.on_client_first("n,,n=user,r=clients").has_value());
    static_cast<void>(two.challenge(verifier(), "second"));
    const auto replayed = two.on_client_final(right);
    BOOST_TEST_REQUIRE(replayed.has_error());
    BOOST_TEST(!replayed.error().is_wrong_proof);
}

BOOST_AUTO_TEST_SUITE_END()
