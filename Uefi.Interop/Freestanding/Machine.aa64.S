// What C# cannot say on AArch64: the fault boundary, interface call stubs, and instructions. AAPCS64, as that of UEFI 2.10, 2.3.6:
// arguments in x0-x7 and v0-v7; x19-x29 and d8-d15 are preserved; x18 is left alone.

    .text

    .macro function name
    .p2align 4
    .globl \name
\name:
    .endm

// nuint NetBootTry(Boundary* boundary, void (*body)(Boundary*)): calls the body, answers 1; or 0, out of NetBootAbort.
function NetBootTry
    stp x29, x30, [sp, #-0xA0]!
    mov x29, sp
    stp x19, x20, [sp, #0x10]
    stp x21, x22, [sp, #0x20]
    stp x23, x24, [sp, #0x30]
    stp x25, x26, [sp, #0x40]
    stp x27, x28, [sp, #0x50]
    stp d8, d9, [sp, #0x60]
    stp d10, d11, [sp, #0x70]
    stp d12, d13, [sp, #0x80]
    stp d14, d15, [sp, #0x90]
    str x29, [x0]
    blr x1
    mov x0, #1
leave_boundary:
    ldp x19, x20, [sp, #0x10]
    ldp x21, x22, [sp, #0x20]
    ldp x23, x24, [sp, #0x30]
    ldp x25, x26, [sp, #0x40]
    ldp x27, x28, [sp, #0x50]
    ldp d8, d9, [sp, #0x60]
    ldp d10, d11, [sp, #0x70]
    ldp d12, d13, [sp, #0x80]
    ldp d14, d15, [sp, #0x90]
    ldp x29, x30, [sp], #0xA0
    ret

// void NetBootAbort(Boundary* boundary): goes back to where the boundary was made.
function NetBootAbort
    ldr x9, [x0]
    mov sp, x9
    mov x0, #0
    b leave_boundary

// Faults: void NetBootFault(int kind, nint address). The numbers are those of FaultKind.
    .macro fault name kind
    function \name
    mov w0, #\kind
    mov x1, x30
    b NetBootFault
    .endm

    fault NetBootIndexOutOfRange 1
    fault NetBootNullReference 2
    fault NetBootOverflow 3
    fault NetBootDivideByZero 4
    fault NetBootInvalidCast 5
    fault NetBootArrayTypeMismatch 6
    fault NetBootArgument 7
    fault NetBootArgumentOutOfRange 8
    fault NetBootNotCompiled 9
    fault RhpFallbackFailFast 10
    fault NetBootNoSuchInterface 11

// void RhpThrowEx(object exception)
function RhpThrowEx
    mov x1, x30
    b NetBootThrow

// object RhpNewFast(type), object RhpNewArrayFast(type, length): the allocator, told who calls.
function RhpNewFast
    mov x1, x30
    b NetBootNewObject

function RhpNewArrayFast
function RhpNewPtrArrayFast
    mov x2, x30
    b NetBootNewArray

// Interface calls: `ldr x16, [x11]; blr x16`, x11 being the cell. The receiver and the other arguments are in their registers.
function RhpInitialDynamicInterfaceDispatch
    stp x29, x30, [sp, #-0xE0]!
    mov x29, sp
    stp x0, x1, [sp, #0x10]
    stp x2, x3, [sp, #0x20]
    stp x4, x5, [sp, #0x30]
    stp x6, x7, [sp, #0x40]
    str x8, [sp, #0x50]
    stp q0, q1, [sp, #0x60]
    stp q2, q3, [sp, #0x80]
    stp q4, q5, [sp, #0xA0]
    stp q6, q7, [sp, #0xC0]
    mov x1, x11
    bl NetBootResolveInterfaceCall
    mov x16, x0
    ldp x0, x1, [sp, #0x10]
    ldp x2, x3, [sp, #0x20]
    ldp x4, x5, [sp, #0x30]
    ldp x6, x7, [sp, #0x40]
    ldr x8, [sp, #0x50]
    ldp q0, q1, [sp, #0x60]
    ldp q2, q3, [sp, #0x80]
    ldp q4, q5, [sp, #0xA0]
    ldp q6, q7, [sp, #0xC0]
    ldp x29, x30, [sp], #0xE0
    cbz x16, NetBootNoSuchInterface
    br x16

function RhpCachedInterfaceDispatch
    cbz x0, NetBootNullReference
    ldr x9, [x11, #8]
    ldp x12, x16, [x9]
    ldr x10, [x0]
    cmp x10, x12
    b.ne RhpInitialDynamicInterfaceDispatch
    br x16

// Stores of references. There is no collector to tell. x14 is the destination, and advances; x15 is the value.
function RhpAssignRefArm64
function RhpCheckedAssignRefArm64
    str x15, [x14], #8
    ret

// x14 and x13 are the destination and the source, both advance; only x15 may change besides.
function RhpByRefAssignRefArm64
    ldr x15, [x13], #8
    str x15, [x14], #8
    ret

function RhpAssignRef
function RhpCheckedAssignRef
    str x1, [x0]
    ret

// Transitions between managed and unmanaged code, collector polls, stack probes (UEFI's stack is all there): nothing to do.
function RhpPInvoke
function RhpPInvokeReturn
function RhpReversePInvoke
function RhpReversePInvokeReturn
function RhpGcPoll
function RhpStackProbe
    ret

function NetBootReadCounter
    isb
    mrs x0, cntvct_el0
    ret

function NetBootCounterFrequency
    mrs x0, cntfrq_el0
    ret

// nuint NetBootCallSystemV(void* function, void* first, nuint second)
function NetBootCallSystemV
    mov x9, x0
    mov x0, x1
    mov x1, x2
    br x9

// Interlocked.MemoryBarrier is `dmb ish`, which orders for processors alone. A device may be outside of their shareability domain.
function NetBootDeviceBarrier
    dmb sy
    ret

function NetBootDeviceReadBarrier
    dmb ld
    ret

function NetBootPause
    yield
    ret

    .data
    .p2align 3
    .globl RhpTrapThreads
RhpTrapThreads:
    .quad 0
    .globl __security_cookie
__security_cookie:
    .quad 0x2B992DDFA2320000
