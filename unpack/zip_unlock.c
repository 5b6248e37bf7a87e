#include "unpack/zip_unlock.h"

#include "unpack/passwords.h"
#include "unpack/zip_method.h"

#define WORK          (UINT64_C(2) << 30) /* some 15 seconds */
#define DERIVING_WORK (64u << 10)         /* a key for AES, for each unit of strength */
#define WASTEABLE     (256u << 20)        /* some three seconds */
#define TRIAL_BYTES   (64u << 10)         /* that show whether data are what the codec expects */
#define CHANCE_BYTES  4096                /* more than comes out of wrong data by chance */

enum guess {
    GUESS_WRONG,
    GUESS_DAMAGED, /* it may be right: then the member is damaged */
    GUESS_RIGHT,
};

struct attempt {
    enum guess guess;
    size_t password;
    uint64_t work; /* that making the key cost */
    struct zip_key key;
    uint16_t method;
};

void zip_lock_start(struct zip_lock *lock, struct view input)
{
    /* Members that do not overlap are no larger than the archive together. Each is tried once and
     * then read. */
    *lock = (struct zip_lock){
        .work = WORK,
        .wasteable = WASTEABLE + input.size,
        .authenticable = WASTEABLE + 4 * input.size,
    };
}

static bool spend_work(struct zip_lock *lock, uint64_t cost)
{
    lock->is_spent |= cost > lock->work;
    if (cost > lock->work)
        return false;
    lock->work -= cost;
    return true;
}

/* ---- keys ------------------------------------------------------------------------------------ */

/* The password's check byte is one of the CRC or, where the CRC was not known yet, of the time. */
static bool has_check_byte(const struct zip_entry *entry, uint8_t byte)
{
    for (size_t i = 0; i < entry->count; i++) {
        if (byte == entry->says[i].crc >> 24 || byte == entry->says[i].time >> 8)
            return true;
    }
    return false;
}

/* Each is false when the password does not look right, or cannot be tried. */

static bool make_zipcrypto_key(const struct zip_member *member, struct assay_bytes password,
                               struct attempt *attempt)
{
    uint8_t header[ZIPCRYPTO_HEADER_SIZE];
    struct zip_key key = {.front = sizeof(header)};
    attempt->work = password.size + sizeof(header);
    if (!view_has(member->input, member->entry.data, sizeof(header)) ||
        !spend_work(member->lock, attempt->work))
        return false;
    memcpy(header, member->input.data + member->entry.data, sizeof(header));
    zipcrypto_start(&key.zipcrypto, password);
    zipcrypto_decrypt(&key.zipcrypto, header, sizeof(header));
    attempt->key = key;
    return has_check_byte(&member->entry, header[sizeof(header) - 1]);
}

static bool make_aes_key(const struct zip_member *member, const struct zip_aes_extra *extra,
                         struct assay_bytes password, struct attempt *attempt)
{
    size_t salt = zip_aes_salt_size(extra->strength);
    uint64_t from = member->entry.data;
    struct zip_key key = {
        .is_aes = true,
        .has_no_crc = extra->version != 1,
        .front = (uint8_t)(salt + ZIP_AES_VERIFIER_SIZE),
        .back = ZIP_AES_CODE_SIZE,
    };
    attempt->work = (uint64_t)DERIVING_WORK * extra->strength + password.size;
    if (!view_has(member->input, from, key.front) || !spend_work(member->lock, attempt->work))
        return false;
    if (zip_aes_derive(password, member->input.data + from, extra->strength, &key.aes) < 0)
        return false;
    attempt->key = key;
    return view_starts(member->input, from + salt, key.aes.verifier, ZIP_AES_VERIFIER_SIZE);
}

/* ---- trials ---------------------------------------------------------------------------------- */

/* What an error of the codec says about a key that looks right. */
static enum guess judge_failure(const struct zip_member *member, const struct attempt *attempt,
                                status failed)
{
    const struct zip_lock *lock = member->lock;
    bool is_garbage = failed == ASSAY_ERR_CORRUPT || failed == ASSAY_ERR_UNSUPPORTED;
    bool may_be =
        attempt->key.is_aes || !is_garbage ||
        (zip_method_notices_garbage(attempt->method) && member->unpacked >= CHANCE_BYTES) ||
        (lock->has_opened && lock->opened == attempt->password);
    return may_be ? GUESS_DAMAGED : GUESS_WRONG;
}

/* Reads what the attempt makes of the member, and throws it away. */
static enum guess try_key(struct zip_member *member, const struct attempt *attempt)
{
    struct zip_lock *lock = member->lock;
    bool is_enough = zip_method_notices_garbage(attempt->method);
    uint64_t limit = is_enough && lock->wasteable > TRIAL_BYTES ? TRIAL_BYTES : lock->wasteable;
    uint64_t read = 0, decrypted = 0;
    status last = ASSAY_OK;
    zip_member_decode(member, attempt->method, &attempt->key);
    while (last == ASSAY_OK && read < limit) {
        uint8_t bytes[16384];
        size_t size;
        last = zip_member_read(member, bytes, sizeof(bytes), &size);
        decrypted = member->packed_size - member->cipher.sealed.size;
        read = decrypted - member->packed.size;
        read = read > member->unpacked ? read : member->unpacked;
    }
    enum guess guess = GUESS_RIGHT;
    if (last < 0)
        guess = judge_failure(member, attempt, last);
    else if (last == ASSAY_OK && (!is_enough || limit < TRIAL_BYTES))
        guess = GUESS_WRONG;
    lock->is_spent |= last == ASSAY_OK && guess == GUESS_WRONG;
    uint64_t spent = decrypted > read ? decrypted : read;
    if (guess != GUESS_RIGHT)
        lock->wasteable -= spent < lock->wasteable ? spent : lock->wasteable;
    return guess;
}

/* ---- the search ------------------------------------------------------------------------------ */

static bool is_same_extra(const struct zip_aes_extra *a, const struct zip_aes_extra *b)
{
    if (!a || !b)
        return a == b;
    return a->version == b->version && a->strength == b->strength && a->method == b->method;
}

/* One way in which a header says that the member is encrypted. */
struct scheme {
    const struct zip_aes_extra *aes; /* NULL: ZipCrypto */
    uint16_t methods[ZIP_WAYS];      /* that the data may have then */
    size_t count;
    size_t claimed; /* that many are what headers say */
};

static void add_methods(const struct zip_member *member, struct scheme *scheme)
{
    for (size_t i = 0; i < member->count; i++) {
        if (!zip_method_is_read(member->ways[i]))
            continue;
        scheme->claimed += i < member->claimed;
        scheme->methods[scheme->count++] = member->ways[i];
    }
}

static size_t list_schemes(const struct zip_member *member, struct scheme schemes[2])
{
    const struct zip_entry *entry = &member->entry;
    size_t count = 0;
    for (size_t i = 0; i < entry->count; i++) {
        const struct zip_record *says = &entry->says[i];
        bool is_aes = says->method == ZIP_AES_METHOD;
        if (!(says->flags & ZIP_ENCRYPTED) || (says->flags & ZIP_STRONG) ||
            (is_aes && says->aes.strength == 0))
            continue;
        struct scheme scheme = {.aes = is_aes ? &says->aes : NULL};
        if (is_aes)
            scheme.methods[scheme.count++] = says->aes.method;
        else
            add_methods(member, &scheme);
        scheme.claimed += is_aes;
        if (count == 0 || !is_same_extra(schemes[0].aes, scheme.aes))
            schemes[count++] = scheme;
    }
    return count;
}

static void try_password(struct zip_member *member, const struct scheme *scheme, size_t index,
                         struct attempt *best)
{
    struct attempt attempt = {.password = index};
    struct assay_bytes password = unpack_password_at(member->notes->env, index);
    if (!(scheme->aes ? make_aes_key(member, scheme->aes, password, &attempt)
                      : make_zipcrypto_key(member, password, &attempt)))
        return;
    for (size_t i = 0; i < scheme->count && best->guess != GUESS_RIGHT; i++) {
        attempt.method = scheme->methods[i];
        attempt.guess = try_key(member, &attempt);
        bool is_claimed = i < scheme->claimed;
        if (attempt.guess > best->guess && (is_claimed || attempt.guess == GUESS_RIGHT))
            *best = attempt;
    }
}

/* Tries the password that fitted last, then the others in their order. */
static struct attempt search(struct zip_member *member, const struct scheme *schemes, size_t count)
{
    const struct zip_lock *lock = member->lock;
    struct attempt best = {.guess = GUESS_WRONG};
    size_t passwords = unpack_password_count(member->notes->env);
    size_t first = lock->has_opened ? lock->opened : 0;
    for (size_t i = 0; i < passwords && best.guess != GUESS_RIGHT; i++) {
        size_t index = i == 0 ? first : i <= first ? i - 1 : i;
        for (size_t k = 0; k < count && best.guess != GUESS_RIGHT; k++)
            try_password(member, &schemes[k], index, &best);
    }
    return best;
}

status zip_unlock(struct zip_member *member)
{
    struct zip_lock *lock = member->lock;
    struct error *error = &member->notes->env->error;
    struct scheme schemes[2];
    size_t count = list_schemes(member, schemes);
    uint64_t end = member->end;
    lock->is_spent = false;
    struct attempt found = search(member, schemes, count);
    zip_member_stop(member);
    member->end = end;
    if (count == 0)
        return error_set(error, ASSAY_ERR_ENCRYPTED, "encrypted in a way that is not supported");
    if (found.guess == GUESS_WRONG && lock->is_spent)
        return error_set(error, ASSAY_ERR_ENCRYPTED,
                         "not every password was tried: it would take too long");
    if (found.guess == GUESS_WRONG)
        return error_set(error, ASSAY_ERR_ENCRYPTED,
                         "needs a password that is not known; --password-file names a list");
    if (found.guess == GUESS_RIGHT) {
        lock->work += found.work;
        lock->has_opened = true;
        lock->opened = found.password;
    }
    zip_member_decode(member, found.method, &found.key);
    return ASSAY_OK;
}
