"""Everything that is sealed is sealed here; no other module imports `cryptography`.

| What                                | Sealed by               | Opens with                      |
|-------------------------------------|-------------------------|---------------------------------|
| an entry of a case                  | envelope.seal_to        | the epoch's private key         |
| a file                              | files.seal_chunks       | its own random key              |
| a file's key                        | envelope.seal_secret_to | the epoch's private key         |
| an epoch's private key: a grant     | keyring.grant           | one member's private key        |
| the private key of the epoch before | keyring.link_epochs     | the next epoch's private key    |
| a member's private key              | keyring.make_member     | passphrase and pepper together  |
| the same, a second time             | keyring.new_recovery    | printed code and pepper together|
| the same, while signed in           | keyring.split_session   | cookie and row together         |
| an epoch's private key, once more  | quorum.escrow           | the recovery key's private half |
| a share of that private half        | quorum.seal_share       | one steward's private key       |
| the share on its way to an opener   | quorum.pass_on          | server secret and opener's key  |
| what the machine needs unattended   | server.ServerSecret     | the server secret               |

Every envelope starts with a version byte and a suite byte, and is bound to its `Place`: table,
column, row, case, epoch and member. Texts and files are padded first. If sealing fails nothing
comes back but `SealingFailed`.
"""
