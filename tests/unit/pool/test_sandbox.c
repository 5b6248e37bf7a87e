/* What a worker may not do, it cannot do; what it must do, it can. */
#include "pool/sandbox.h"
#include "unit.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

START_TEST(every_attempt_is_denied)
{
    if (SANDBOX_SANITIZED) {
        fprintf(stderr, "skipped: sanitizers need calls that the sandbox denies\n");
        return;
    }
    struct sandbox_probe probes[SANDBOX_PROBES_MAX];
    size_t count;
    ck_assert_int_eq(sandbox_self_test(SANDBOX_AUTO, probes, &count), ASSAY_OK);
    ck_assert_uint_ge(count, 10);
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(probes[i].denied && !probes[i].failed, "%s", probes[i].name);
}
END_TEST

/* Otherwise the test above would prove nothing. */
START_TEST(without_a_sandbox_attempts_succeed)
{
    struct sandbox_probe probes[SANDBOX_PROBES_MAX];
    size_t count, allowed = 0;
    ck_assert_int_eq(sandbox_self_test(SANDBOX_OFF, probes, &count), ASSAY_OK);
    for (size_t i = 0; i < count; i++)
        allowed += !probes[i].denied;
    ck_assert_uint_ge(allowed, 5);
}
END_TEST

/* Runs something in a worker's sandbox; how that process ended. */
static int end_of(void (*body)(unsigned layers), uint64_t address_space)
{
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        unsigned layers = sandbox_enter_zygote(SANDBOX_AUTO);
        if (sandbox_enter_worker(layers, address_space) < 0)
            _exit(99);
        body(layers);
        _exit(0);
    }
    int end;
    ck_assert_int_eq(waitpid(child, &end, 0), child);
    return end;
}

static void do_honest_work(unsigned layers)
{
    if (sandbox_set_bounds(layers, UINT64_C(1) << 40, 100) < 0)
        _exit(1);
    char *memory = malloc(8 << 20);
    if (!memory)
        _exit(2);
    memset(memory, 1, 8 << 20);
    memory = realloc(memory, 64 << 20);
    if (!memory || memory[100] != 1)
        _exit(3);
    free(memory);
}

START_TEST(honest_work_is_not_disturbed)
{
    ck_assert_int_eq(end_of(do_honest_work, 0), 0);
}
END_TEST

static void take_too_much_memory(unsigned layers)
{
    (void)layers;
    void *memory =
        mmap(NULL, UINT64_C(1) << 30, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    _exit(memory == MAP_FAILED ? 42 : 0);
}

static void burn_processor_time(unsigned layers)
{
    if (sandbox_set_bounds(layers, 0, 1) < 0)
        _exit(1);
    for (volatile unsigned i = 0;; i++)
        ;
}

START_TEST(memory_and_time_are_bounded)
{
    if (SANDBOX_SANITIZED) {
        fprintf(stderr, "skipped: sanitizers need more address space than there is\n");
        return;
    }
    int end = end_of(take_too_much_memory, UINT64_C(512) << 20);
    ck_assert(WIFEXITED(end));
    ck_assert_int_eq(WEXITSTATUS(end), 42);
    end = end_of(burn_processor_time, 0);
    ck_assert(WIFSIGNALED(end));
    ck_assert_int_eq(WTERMSIG(end), SIGXCPU);
}
END_TEST

START_TEST(layers_have_names)
{
    const char *names[SANDBOX_LAYER_COUNT];
    ck_assert_uint_eq(sandbox_layer_names(0, names), 0);
    ck_assert_uint_eq(sandbox_layer_names(SANDBOX_SECCOMP, names), 1);
    ck_assert_str_eq(names[0], "seccomp");
    ck_assert_uint_eq(sandbox_layer_names(SANDBOX_ALL, names), SANDBOX_LAYER_COUNT);
    ck_assert_str_eq(sandbox_word(0), "none");
    ck_assert_str_eq(sandbox_word(SANDBOX_SECCOMP), "partial");
    ck_assert_str_eq(sandbox_word(SANDBOX_ALL), "full");
    struct error error = {""};
    ck_assert_int_eq(sandbox_require_all(SANDBOX_ALL, &error), ASSAY_OK);
    ck_assert_int_eq(sandbox_require_all(SANDBOX_ALL & ~SANDBOX_LANDLOCK, &error),
                     ASSAY_ERR_UNSUPPORTED);
    ck_assert_ptr_nonnull(strstr(error.text, "landlock"));
}
END_TEST

UNIT_MAIN("sandbox", every_attempt_is_denied, without_a_sandbox_attempts_succeed,
          honest_work_is_not_disturbed, memory_and_time_are_bounded, layers_have_names)
