# What C# cannot say on x86-64: the fault boundary, interface call stubs, and instructions. Microsoft's x64 calling convention,
# as that of UEFI 2.10, 2.3.4: arguments in rcx, rdx, r8, r9 above 32 bytes of the callee's own; rbx, rbp, rsi, rdi, r12-r15 and
# xmm6-15 are preserved.

    .intel_syntax noprefix
    .text

    .macro function name
    .p2align 4
    .globl \name
\name:
    .endm

# nuint NetBootTry(Boundary* boundary, void (*body)(Boundary*)): calls the body, answers 1; or 0, out of NetBootAbort.
function NetBootTry
    push rbp
    push rbx
    push rsi
    push rdi
    push r12
    push r13
    push r14
    push r15
    sub rsp, 0xC8
    movaps [rsp + 0x20], xmm6
    movaps [rsp + 0x30], xmm7
    movaps [rsp + 0x40], xmm8
    movaps [rsp + 0x50], xmm9
    movaps [rsp + 0x60], xmm10
    movaps [rsp + 0x70], xmm11
    movaps [rsp + 0x80], xmm12
    movaps [rsp + 0x90], xmm13
    movaps [rsp + 0xA0], xmm14
    movaps [rsp + 0xB0], xmm15
    mov [rcx], rsp
    call rdx
    mov eax, 1
leave_boundary:
    movaps xmm6, [rsp + 0x20]
    movaps xmm7, [rsp + 0x30]
    movaps xmm8, [rsp + 0x40]
    movaps xmm9, [rsp + 0x50]
    movaps xmm10, [rsp + 0x60]
    movaps xmm11, [rsp + 0x70]
    movaps xmm12, [rsp + 0x80]
    movaps xmm13, [rsp + 0x90]
    movaps xmm14, [rsp + 0xA0]
    movaps xmm15, [rsp + 0xB0]
    add rsp, 0xC8
    pop r15
    pop r14
    pop r13
    pop r12
    pop rdi
    pop rsi
    pop rbx
    pop rbp
    ret

# void NetBootAbort(Boundary* boundary): goes back to where the boundary was made.
function NetBootAbort
    mov rsp, [rcx]
    cld
    xor eax, eax
    jmp leave_boundary

# Faults: void NetBootFault(int kind, nint address). The numbers are those of FaultKind.
    .macro fault name kind
    function \name
    mov ecx, \kind
    mov rdx, [rsp]
    jmp NetBootFault
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

# void RhpThrowEx(object exception)
function RhpThrowEx
    mov rdx, [rsp]
    jmp NetBootThrow

# object RhpNewFast(type), object RhpNewArrayFast(type, length): the allocator, told who calls.
function RhpNewFast
    mov rdx, [rsp]
    jmp NetBootNewObject

function RhpNewArrayFast
function RhpNewPtrArrayFast
    mov r8, [rsp]
    jmp NetBootNewArray

# nuint NetBootCallSystemV(void* function, void* first, nuint second): arguments in rdi and rsi, which with xmm6-15 are the callee's there.
function NetBootCallSystemV
    push rsi
    push rdi
    sub rsp, 0xA8
    movaps [rsp], xmm6
    movaps [rsp + 0x10], xmm7
    movaps [rsp + 0x20], xmm8
    movaps [rsp + 0x30], xmm9
    movaps [rsp + 0x40], xmm10
    movaps [rsp + 0x50], xmm11
    movaps [rsp + 0x60], xmm12
    movaps [rsp + 0x70], xmm13
    movaps [rsp + 0x80], xmm14
    movaps [rsp + 0x90], xmm15
    mov rax, rcx
    mov rdi, rdx
    mov rsi, r8
    call rax
    movaps xmm6, [rsp]
    movaps xmm7, [rsp + 0x10]
    movaps xmm8, [rsp + 0x20]
    movaps xmm9, [rsp + 0x30]
    movaps xmm10, [rsp + 0x40]
    movaps xmm11, [rsp + 0x50]
    movaps xmm12, [rsp + 0x60]
    movaps xmm13, [rsp + 0x70]
    movaps xmm14, [rsp + 0x80]
    movaps xmm15, [rsp + 0x90]
    add rsp, 0xA8
    pop rdi
    pop rsi
    ret

# Interface calls: `call [r11]`, r11 being the cell. The receiver and the other arguments are in their registers.
function RhpInitialDynamicInterfaceDispatch
    sub rsp, 0x88
    movaps [rsp + 0x20], xmm0
    movaps [rsp + 0x30], xmm1
    movaps [rsp + 0x40], xmm2
    movaps [rsp + 0x50], xmm3
    mov [rsp + 0x60], rcx
    mov [rsp + 0x68], rdx
    mov [rsp + 0x70], r8
    mov [rsp + 0x78], r9
    mov rdx, r11
    call NetBootResolveInterfaceCall
    movaps xmm0, [rsp + 0x20]
    movaps xmm1, [rsp + 0x30]
    movaps xmm2, [rsp + 0x40]
    movaps xmm3, [rsp + 0x50]
    mov rcx, [rsp + 0x60]
    mov rdx, [rsp + 0x68]
    mov r8, [rsp + 0x70]
    mov r9, [rsp + 0x78]
    add rsp, 0x88
    test rax, rax
    jz NetBootNoSuchInterface
    jmp rax

function RhpCachedInterfaceDispatch
    test rcx, rcx
    jz NetBootNullReference
    mov r10, [r11 + 8]
    mov rax, [rcx]
    cmp rax, [r10]
    jne RhpInitialDynamicInterfaceDispatch
    jmp [r10 + 8]

# Stores of references. There is no collector to tell.
function RhpAssignRef
    mov [rcx], rdx
    ret

function RhpCheckedAssignRef
    mov [rcx], rdx
    ret

# rdi and rsi are the destination and the source, both advance; only rax and rcx may change besides.
function RhpByRefAssignRef
    mov rcx, [rsi]
    mov [rdi], rcx
    add rsi, 8
    add rdi, 8
    ret

# Transitions between managed and unmanaged code, collector polls, stack probes (UEFI's stack is all there): nothing to do.
function RhpPInvoke
function RhpPInvokeReturn
function RhpReversePInvoke
function RhpReversePInvokeReturn
function RhpGcPoll
function RhpStackProbe
    ret

function NetBootReadCounter
    rdtsc
    shl rdx, 32
    or rax, rdx
    ret

# Not told by the processor in a way that all of them, and hypervisors, keep to: measured instead.
function NetBootCounterFrequency
    xor eax, eax
    ret

# Stores to memory and to registers keep their order, and so do loads, of memory that is cached as of registers that are not (Intel SDM,
# volume 3, 9.2): all that needs an instruction is a load after a store.
function NetBootDeviceBarrier
    lock or dword ptr [rsp], 0
    ret

function NetBootDeviceReadBarrier
    ret

function NetBootPause
    pause
    ret

    .data
    .p2align 3
    .globl RhpTrapThreads
RhpTrapThreads:
    .quad 0
    .globl __security_cookie
__security_cookie:
    .quad 0x2B992DDFA2320000
